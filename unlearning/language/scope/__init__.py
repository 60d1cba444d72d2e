"""Where a request ends: what must be gone, what must survive, and three policies. Only `measuring` needs torch."""
