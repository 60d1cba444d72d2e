"""Where in a model some rows lie: influence per weight, module and layer, and masks made of it.

It helps, a little: over three seeds of a small Llama, unlearning on the most influential fifth of the weights kept more
of what nobody asked to forget than on a random fifth (5 of 6 comparisons, the sixth a tie) or on all weights (6 of 6);
on the least influential fifth it does not forget at all (benchmarks/results/language-influence.md, decision 0031).
"""
