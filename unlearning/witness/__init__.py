"""Witnesses of a noisy descent: was the ledger's noise added, were its steps taken? In numpy, by code of their own."""
