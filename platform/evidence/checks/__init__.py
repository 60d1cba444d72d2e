"""The checks, one idea a file; each adds what it finds to the case and raises nothing."""
