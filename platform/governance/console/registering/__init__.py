"""Forms that register what erasure starts from: bases, datasets and their versions, models, first trainings."""
