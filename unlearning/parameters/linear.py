"""Parameters of the engines that train linear models."""

from __future__ import annotations

from unlearning.parameters.shapes import CENTRES, CLASSES, SCALES, SEED, closed, count, positive

# No default here on purpose: everything chosen is public and written down before data is read (design, section 4).
CERTIFIED = closed(
    {
        "lam": positive("weight of the L2 penalty, intercept included"),
        "eta": positive("step size; must be below 2 / (lam + beta)"),
        "sigma": positive("noise scale: each step adds N(0, 2 eta sigma^2) per coordinate"),
        "steps": count("noisy gradient steps"),
        "n_0": count("fixed public denominator of the mean gradient"),
        "norm_bound": positive("every augmented row is scaled to at most this length"),
        "classes": CLASSES,
        "centres": CENTRES,
        "scales": SCALES,
        "adjacency": {
            "enum": ["zero_out", "replace"],
            "description": "the pair of worlds that mu compares: row present or absent, or one value or another",
        },
        "contribution_cap": count("most rows one person may have"),
        # No default either: unsaid means the full batch and the tighter loss, as in every spec written before.
        "batch": count("cyclic mini-batches of so many permanent slots (slot // batch); without it, the full batch"),
        "loss": {
            "enum": ["auto", "binary", "softmax", "one_vs_rest", "capped"],
            "description": "without it: binary for two classes, softmax for more",
        },
        "rows": count("rows at the first training where n_0 leaves slots free for later insertions"),
    },
    required=(
        "lam",
        "eta",
        "sigma",
        "steps",
        "n_0",
        "norm_bound",
        "classes",
        "centres",
        "scales",
        "adjacency",
        "contribution_cap",
    ),
)

PLAIN = closed(
    {
        "lam": positive("weight of the L2 penalty, intercept included"),
        "norm_bound": positive("every augmented row is scaled to at most this length"),
        "classes": CLASSES,
        "centres": CENTRES,
        "scales": SCALES,
        "seed": {**SEED, "default": 0, "description": "start of the optimiser: which of K references this is"},
    },
    required=("lam", "norm_bound", "classes", "centres", "scales"),
)
