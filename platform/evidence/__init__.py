"""What an auditor needs, offline: stdlib and cryptography only."""
