"""How often a verdict is right, on cheap twins: `python -m benchmarks.verdict_twins [--quick]`.

Honest ones should pass and hardly ever fail, whatever remembers should fail, and too few records should say so.
"""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import machine, timing
from benchmarks.pages import save_picture, table, write
from benchmarks.twins import BUDGETS, POLICY, judged, tossed
from governance.verification.power import Design, records_needed
from governance.verification.statistics import clopper_pearson, mean
from governance.verification.verdict import Finding

COUNTS, WIDTHS = (60, 150, 300, 450, 600), (2, 5, 10)
LEAKS, CURVES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5), (60, 150, 600)
KINDS = {"untouched": 1.0, "half-strength leak": 0.5, "quarter-strength leak": 0.25, "pushed away": -1.0}
OUTCOMES = ("passed", "failed_residual", "failed_over_forgotten", "inconclusive")
HEAD_TWINS, TWINS = 300, 40


@dataclass(frozen=True)
class Tally:
    """What became of so many twins, and by how much the candidates stood above their references without a change."""

    outcomes: Counter[str]
    excess: float

    def shares(self) -> list[str]:
        return [rate(self.outcomes[name], self.outcomes.total()) for name in OUTCOMES]


def rate(count: int, trials: int) -> str:
    """A share in per cent with its exact 95 % interval."""
    bounds = clopper_pearson(count, trials, level=0.05)
    return f"{100 * count / trials:.1f} ({100 * bounds.low:.1f}-{100 * bounds.high:.1f})"


def tally(trial: Callable[[int], Finding], twins: int, name: str) -> Tally:
    found = [trial(seed) for seed in range(twins)]
    result = Tally(Counter(each.outcome for each in found), mean([each.judged[0].x.value for each in found]))
    print(f"{name}: {dict(result.outcomes)}, excess {result.excess:+.3f}", flush=True)
    return result


def honest(twins: int, counts: tuple[int, ...]) -> dict[tuple[int, int], Tally]:
    return {
        (n, k): tally(lambda seed, n=n, k=k: judged(forgotten=n, references=k, leak=0.0, seed=seed), twins, f"{n}, {k}")
        for n in counts
        for k in WIDTHS
    }


def dishonest(twins: int, counts: tuple[int, ...]) -> dict[tuple[str, int], Tally]:
    return {
        (kind, n): tally(lambda s, n=n, leak=leak: judged(forgotten=n, references=5, leak=leak, seed=s), twins, kind)
        for kind, leak in KINDS.items()
        for n in counts
    }


def curves(twins: int) -> dict[int, list[Tally]]:
    return {
        n: [
            tally(lambda s, n=n, leak=leak: judged(forgotten=n, references=5, leak=leak, seed=s), twins, f"{n}, {leak}")
            for leak in LEAKS
        ]
        for n in CURVES
    }


def restless(twins: int) -> list[list[str]]:
    """Trainings of one recipe that differ in their whole rate: where a bootstrap over references alone goes wrong."""
    lines = []
    for unrest in (0.0, 0.02, 0.04):
        for k in WIDTHS:
            found = tally(
                lambda s, k=k, unrest=unrest: tossed(records=1000, references=k, unrest=unrest, seed=s),
                twins,
                f"unrest {unrest}, {k}",
            )
            lines.append([f"{100 * unrest:g}", str(k), *found.shares()])
    return lines


def draw(found: dict[int, list[Tally]]) -> None:
    """Share of twins that fail, against how far they really stand above retraining."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plots, axis = plt.subplots(figsize=(6.5, 4))
    for (n, points), colour in zip(found.items(), ("#9ecae1", "#4292c6", "#08519c"), strict=True):
        sizes = [100 * point.excess for point in points]
        bounds = [clopper_pearson(p.outcomes["failed_residual"], p.outcomes.total(), level=0.05) for p in points]
        shares = [100 * p.outcomes["failed_residual"] / p.outcomes.total() for p in points]
        axis.fill_between(
            sizes, [100 * b.low for b in bounds], [100 * b.high for b in bounds], color=colour, alpha=0.25
        )
        axis.plot(sizes, shares, "o-", color=colour, label=f"{n} records")
    axis.axvline(100 * POLICY["margin"], color="k", ls=":", lw=1, label="margin of the policy")
    axis.set(xlabel="excess over retraining without a change, points", ylabel="failed: residual, %", ylim=(-3, 103))
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
    save_picture(plots, "verdict-twins.png")


def needed() -> list[list[str]]:
    lines = []
    for k in WIDTHS:
        cells = []
        for control in (0.05, 0.2, 0.5):
            design = Design(records=60, references=k, level=0.025, margin=0.1, rate=control, tests=3)
            cells.append(str(records_needed(design)))
        lines.append([str(k), *cells])
    return lines


def page(parts: dict[str, Any], *, before: str) -> str:
    head = ["passed", "failed: residual", "failed: over-forgotten", "inconclusive"]
    fair = [[str(n), str(k), *found.shares()] for (n, k), found in parts["honest"].items()]
    foul = [[kind, str(n), f"{100 * t.excess:+.0f}", *t.shares()] for (kind, n), t in parts["dishonest"].items()]
    budgets = ", ".join(f"{budget:g}" for budget in BUDGETS)
    return f"""# How often a verdict is right

`python -m benchmarks.verdict_twins`: linear models with twice as many features as records and coin tosses for labels
(`benchmarks/twins.py`), attacked exactly at budgets {budgets}, judged at level {POLICY["level"]:g} (first attempt: half
of it), margin {POLICY["margin"]:.0%}. Shares in per cent of twins, with exact 95 % intervals.

{machine.described(load_before=before)} {machine.versions("numpy", "matplotlib")}.

## A retrained model against other retrained models

{parts["claim_twins"]} twins of one size, then {parts["twins"]} of each:

{table(["records", "references", *head], [["600", "5", *parts["claim"]]])}

{table(["records", "references", *head], fair)}

## What must fail (5 references)

{table(["candidate", "records", "excess, points", *head], foul)}

![Share of twins that fail against their true excess](verdict-twins.png)

## Honest trainings that differ among themselves

Bits instead of models, 1,000 records: each training shifts the rate of all records by its own draw of this deviation.
With many records this is what an honest candidate differs by, and a bootstrap over references alone calls it memory.

{table(["deviation, points", "references", *head], parts["restless"])}

## How many records an honest model needs to pass, nine times in ten

By the formula that the verdict prints (`governance.verification.power`), for a control that yields at this rate:

{table(["references", "5 %", "20 %", "50 %"], needed())}
"""


def main() -> None:
    quick, before = "--quick" in sys.argv[1:], machine.load()
    timing.one_thread()
    twins, counts = (4, COUNTS[:1]) if quick else (TWINS, COUNTS)
    claim_twins = 6 if quick else HEAD_TWINS
    claim = tally(lambda seed: judged(forgotten=600, references=5, leak=0.0, seed=seed), claim_twins, "claim")
    found = curves(twins)
    parts = {
        "claim": claim.shares(),
        "claim_twins": claim_twins,
        "twins": twins,
        "honest": honest(twins, counts),
        "dishonest": dishonest(twins, counts[:1] + counts[2:3] + counts[4:5]),
        "restless": restless(twins),
    }
    text = page(parts, before=before)
    if quick:
        print(text)
        return
    draw(found)
    write("verdict-twins.md", text)


if __name__ == "__main__":
    main()
