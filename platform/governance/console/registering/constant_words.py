"""The constants of a model in plain words: what each is called, and what to know before it is fixed."""

SIZE = "A larger model holds more and takes longer."
WORDS: dict[str, tuple[str, str]] = {
    # linear models
    "lam": ("Penalty on large weights (lam)", "Stronger forgets faster and fits less."),
    "eta": ("Step size (eta)", "Worked out by the button below."),
    "sigma": (
        "Noise of a step (sigma)",
        "More noise makes deletion cheaper and answers less exact. Worked out likewise.",
    ),
    "steps": ("Steps of a training", "Worked out by the button below."),
    "n_0": (
        "For how many rows is it made? (n_0)",
        "A public round number, at least as many rows as will ever be there. It stays when people leave, so that "
        "nothing about the model says how many did.",
    ),
    "norm_bound": ("Longest row (norm_bound)", "Every row is shortened to this length, so that no one weighs more."),
    "classes": (
        "Which labels are there? (classes)",
        "Whole numbers. All that the model may ever give, known beforehand and not read off the data.",
    ),
    "centres": (
        "What is taken off each number first? (centres)",
        "One number for all, or one for each. From a textbook, never from these data: else it would tell of people.",
    ),
    "scales": ("And by what is it divided? (scales)", "One number above 0 for all, or one for each; public likewise."),
    "adjacency": (
        "What does a certificate compare? (adjacency)",
        "zero out: the person's rows present or absent, as erasure asks. replace: one value or another.",
    ),
    "contribution_cap": (
        "Most rows of one person (contribution_cap)",
        "At least the dataset's. Left empty: the dataset's.",
    ),
    "batch": ("Rows in a step (batch)", "Of a linear model, left empty: all of them."),
    "loss": ("Which loss?", "Left empty: binary for two labels, softmax for more."),
    "rows": ("Rows of the first training", "Only where room is kept for later rows."),
    # networks
    "family": ("Which family?", "For networks: mlp for tables, cnn or vit for pictures."),
    "shape": (
        "Shape of a row",
        "For a table the number of features; for a picture channels, height and width (of a generator height, width).",
    ),
    "width": ("Width", SIZE),
    "depth": ("Depth", SIZE),
    "patch": ("Side of a patch", "Of a vit."),
    "heads": ("Attention heads", "They share the width evenly."),
    "epochs": ("Passes over the rows (epochs)", "More passes fit better, and remember single people better too."),
    "lr": ("Step size (lr)", "Left as it is unless training does not settle."),
    "weight_decay": ("Weight decay", "Stronger keeps weights small."),
    "seed": ("Seed", "Draws the start and the order of rows; the same seed gives the same model."),
    # language models
    "preset": (
        "Size of a fresh model",
        "ci: trained on two cores in seconds. study: in a minute. Left empty: that of its base; without a base, ci.",
    ),
    "layers": ("Layers", SIZE),
    "vocabulary": ("Tokens of the vocabulary", "Learned from public words that the project brings, never from people."),
    "template": ("How is a prompt put?", "plain: question and answer. chat: by the tokenizer's template."),
    "most_tokens": ("Longest row in tokens", "A longer row is refused, never cut."),
    "precision": ("Precision of computation", "bfloat16 saves memory where the machine knows it."),
    "accumulation": ("Parts of a step", "Saves memory; the step is the same."),
    "checkpointing": ("Recompute states?", "Saves memory and takes longer."),
    "until_nll": ("Stop below this loss", "Nats per answer token. Left empty: all passes are made."),
    "adapter.name": (
        "Name of an adapter",
        "With a name, only an adapter (LoRA) on the base is trained. Small letters; never a person's name.",
    ),
    "adapter.rank": ("Rank of the adapter", SIZE),
    "adapter.alpha": ("Scale of the adapter (alpha)", "Its scale times its rank."),
    "adapter.targets": ("Layers with an adapter", "One name a line. Left empty: all linear layers but the last."),
    "adapter.groups": (
        "Over how many adapters are people spread?",
        "All rows of a person lie in one of them, which can be dropped exactly when the person asks.",
    ),
    # generators
    "low": ("Least value of a number (low)", "Public, not read off the data."),
    "high": ("Largest value of a number (high)", "Public, not read off the data."),
    "latent": ("Numbers in a latent", "Decoder only."),
    "embedding": ("Numbers of a label", "Decoder only."),
    "hidden_rows": ("Lines to fill in", "Inpainter only."),
    # the owner's own command
    "command": (
        "The training command",
        "One argument a line. It runs on the worker in a folder of its own and leaves safe model files only.",
    ),
    "timeout_s": ("Longest time in seconds", "Then it is stopped."),
}
