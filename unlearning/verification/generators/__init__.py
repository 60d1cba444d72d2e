"""The unlearning-mapping attack on generators: what of the deleted still comes out, beside controls."""
