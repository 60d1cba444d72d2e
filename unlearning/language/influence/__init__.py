"""Where in a model some rows lie: influence per weight, module and layer, and masks made of it.

Where every row to keep is shown while unlearning, choosing does not help: over three seeds of a small Llama the most
influential fifth of the weights kept less of those rows than a random fifth (better in 1 of 6 comparisons). It spares
rows that are kept and not shown: there it kept more than a random fifth (5 of 6, the sixth a tie) and than all weights
(6 of 6). The least influential fifth hardly forgets. benchmarks/results/language-influence.md, decision 0031.
"""
