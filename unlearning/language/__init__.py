"""Language models: their files, their rows, training, and unlearning. Only this package imports transformers."""
