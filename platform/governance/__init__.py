"""The Django project and its apps: requests, lineage, jobs, verification, releases, the trail."""
