"""`make demo`: one erasure told over HTTP, on real patients' data, with nothing prepared beforehand."""
