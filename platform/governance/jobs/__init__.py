"""Plans, jobs, leases, attempts, certificates."""
