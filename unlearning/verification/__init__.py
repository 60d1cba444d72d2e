"""Attacks on a candidate beside its controls: measurements, never verdicts."""
