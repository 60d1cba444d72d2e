"""Certified deletion: L2-regularised logistic models by noisy gradient descent."""
