"""A package, so that the one erasure that all of it looks at is rolled back when the last of it has looked."""
