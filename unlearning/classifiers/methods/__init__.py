"""Methods that make a classifier forget without a proof, one file each: its loss as pure functions, and its run."""
