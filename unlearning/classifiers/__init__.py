"""Ordinary classifiers: references and rivals without a certificate."""
