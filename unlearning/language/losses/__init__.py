"""The losses of unlearning in language models: one pure function a file, a value per row, its paper and its equation.

Letters: B rows, K answer tokens of all rows, V vocabulary, D width of a hidden state. `nll_B` is the sum over a row's
answer tokens of -log p, in nats; a function gives one value per row, and the loop divides their sum by all rows or all
answer tokens of the global batch, whichever the method names. So the parts of a batch may be of any size.
"""
