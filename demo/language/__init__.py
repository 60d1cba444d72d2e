"""`make demo-language`: one author erased from a small language model, then ten more, with whatever comes out."""
