"""Releases, approvals, signatures, destruction."""
