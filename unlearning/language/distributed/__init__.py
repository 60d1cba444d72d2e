"""One run on many processes: the company of processes, gradients, joining, and shards of the weights on GPUs."""
