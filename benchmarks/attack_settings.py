"""Why the network attack is set as it is: `python -m benchmarks.attack_settings [--quick]`.

On linear networks the true minimum is known; on the digits records task, what more effort still finds.
"""

import sys
from typing import Any

import numpy as np
import torch

from benchmarks import machine, timing
from benchmarks.attack_models import BOX, LADDERS, other_labels, world
from benchmarks.pages import table, write
from unlearning.verification.ascent import Pace
from unlearning.verification.linear_uma import smallest_changes
from unlearning.verification.pgd import climb

RUNGS = [round(0.02 * rung, 2) for rung in range(1, 26)]
PLAIN, SLOWING = Pace(slowing=0.0, momentum=0.0), Pace(momentum=0.0)
WAYS: dict[str, dict[str, Any]] = {
    "margin, momentum, slowing (default)": {},
    "margin, slowing": {"pace": SLOWING},
    "margin, even strides": {"pace": PLAIN},
    "cross-entropy, momentum, slowing": {"loss": "cross_entropy"},
    "cross-entropy, even strides": {"loss": "cross_entropy", "pace": PLAIN},
    "margin, momentum, slowing, reach 2.5": {"pace": Pace(reach=2.5)},
}
EFFORTS = [(10, 1), (20, 1), (20, 2), (20, 5), (40, 1), (40, 5)]  # steps, restarts


def on_linear(norm: str, how: dict[str, Any], *, cases: int) -> tuple[float, float]:
    """Shares of rows at the exact rung, and at most one above it. Refuses to go on if a success is too good."""
    least, minima = [], []
    for seed in range(cases):
        draw = torch.Generator().manual_seed(seed)
        weights_CF = torch.randn(4, 6, generator=draw, dtype=torch.float64)
        base_NF = 0.3 * torch.randn(100, 6, generator=draw, dtype=torch.float64)
        aims_N = torch.randint(4, (100,), generator=draw)
        scores_NC = base_NF @ weights_CF.T
        minima.append(smallest_changes(scores_NC.numpy(), weights_CF.numpy(), aims_N.numpy(), norm=norm))
        found = climb(
            lambda x, w=weights_CF: x @ w.T, base_NF, aims_N, budgets=RUNGS, norm=norm, steps=20, restarts=2,
            low=-torch.inf, high=torch.inf, seed=0, **how
        )  # fmt: skip
        least.append(found.least)
    ladder = np.array([0.0, *RUNGS, np.inf, np.inf])
    exact = np.searchsorted(ladder[:-2], np.concatenate(minima) - 1e-9)
    reached = np.concatenate(least)
    if (reached < np.concatenate(minima) - 1e-9).any():
        raise AssertionError("a success below the exact minimum: the attack or the closed form is wrong")
    return float((reached <= ladder[exact]).mean()), float((reached <= ladder[exact + 1]).mean())


def on_digits(made: Any, **how: Any) -> tuple[dict[str, int], int]:
    """Rows fallen, summed over rungs, own and other labels and both models; and the gradients."""
    rows, fallen, gradients = made.rows, {}, 0
    aims = torch.cat([rows.y, other_labels(rows)])
    for norm, ladder in LADDERS.items():
        fallen[norm] = 0
        for model in (made.finetuned, made.retrained[0]):
            found = climb(model, torch.cat([rows.x, rows.x]), aims, budgets=ladder, norm=norm, seed=0, **BOX, **how)
            fallen[norm] += sum(int((found.least <= budget).sum()) for budget in ladder)
            gradients += found.gradients
    return fallen, gradients


def ways_table(made: Any, *, cases: int) -> str:
    lines = []
    for name, how in WAYS.items():
        shares = [on_linear(norm, how, cases=cases) for norm in LADDERS]
        fallen, _ = on_digits(made, steps=20, restarts=2, **how)
        lines.append([name, *[f"{exact:.3f} / {near:.3f}" for exact, near in shares], *map(str, fallen.values())])
        print(lines[-1], flush=True)
    head = ["loss and strides", "linear, l-infinity: exact rung / next at most", "linear, l2", "digits, l-infinity"]
    return table([*head, "digits, l2"], lines)


def efforts_table(made: Any) -> str:
    lines = []
    for steps, restarts in EFFORTS:
        fallen, gradients = on_digits(made, steps=steps, restarts=restarts)
        lines.append([str(steps), str(restarts), *map(str, fallen.values()), f"{gradients:,}"])
        print(lines[-1], flush=True)
    return table(["steps", "restarts", "digits, l-infinity", "digits, l2", "gradients"], lines)


def page(made: Any, *, cases: int, before: str) -> str:
    ways, efforts = ways_table(made, cases=cases), efforts_table(made)
    return f"""# Settings of the network attack

`python -m benchmarks.attack_settings`: which loss, strides, steps and restarts (decision 0021). On linear networks
({100 * cases} rows, four classes, six features, 25 rungs of 0.02, 20 steps, 2 restarts) the exact minimum is known: the
shares of rows found at its rung, and at most one rung above. On digits (records task, a fine-tuned and a retrained
network, 240 rows aimed at their own and at another label, six rungs): rows fallen, summed over rungs and models.

{machine.described(load_before=before)} {machine.versions("torch", "numpy")}.

## Loss and strides

{ways}

No setting reports a success below the exact minimum.

## Steps and restarts

{efforts}

Most of what five restarts find is found by one climb that starts where the smaller budget's ended.
"""


def main() -> None:
    quick, before = "--quick" in sys.argv[1:], machine.load()
    timing.one_thread()
    text = page(world(), cases=1 if quick else 5, before=before)
    print(text) if quick else write("attack-settings.md", text)


if __name__ == "__main__":
    main()
