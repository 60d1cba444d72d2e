"""Erasure requests and the law's clock."""
