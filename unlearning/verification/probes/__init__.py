"""Probes of what an attack through the head cannot see: relearning, and the penultimate layer."""
