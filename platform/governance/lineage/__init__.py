"""Which person's records reached which checkpoint."""
