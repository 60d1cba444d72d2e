"""What a language model still knows of the deleted: scores, membership and attacks, beside its controls."""
