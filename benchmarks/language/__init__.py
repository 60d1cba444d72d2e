"""What unlearning in language models costs: `python -m benchmarks.language`."""
