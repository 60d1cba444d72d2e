"""Policies, measurements, verdicts."""
