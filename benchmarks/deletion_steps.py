"""Steps and time to delete at three settings of the literature, run: `python -m benchmarks.deletion_steps [--quick]`.

Beside them: retraining to the same law, what earlier methods' rules ask for, and a problem whose exact law is known.
"""

import math
import statistics
import sys
from dataclasses import dataclass

import numpy as np

from benchmarks import machine, timing
from benchmarks.engine import Floats, Line, accuracy, part
from benchmarks.exact_law import measured_mu
from benchmarks.generated import rows_like_pictures
from benchmarks.pages import table, write
from benchmarks.published_rules import (
    TABLE_2_8,
    Setting,
    descent_to_delete_noise,
    descent_to_delete_steps,
    langevin_steps,
    paper_style_steps,
    pnsgd_steps,
    stationary_noise,
)
from unlearning.accounting import deletion_bound, smallest_deletion_steps
from unlearning.accounting.gdp import mu_for
from unlearning.certified.rows import Part

FEATURES, HELD_OUT, SEED = 784, 4000, 20261121
RELAXATIONS = 3.0  # the estimator's default
CONVERGED = 10**6  # learning steps after which nothing of the start is left
HEAD = [
    "n, lambda, sigma, group",
    "step size",
    "steps, deletion / retraining",
    "ratio",
    "CPU ms, deletion",
    "CPU ms, retraining",
    "ratio",
    "accuracy %: before / deleted / retrained / Descent-to-Delete, same steps",
    "mu measured / bound",
]
RULES = [
    "n, lambda, sigma, group",
    "Langevin Unlearning",
    "decay of the 2023 paper",
    "PNSGD, full batch",
    "Descent-to-Delete, equal noise",
    "here, safe step",
    "here, best step",
    "here, best step, present against absent",
]


@dataclass(frozen=True)
class Ran:
    """What one setting and step size came to."""

    cells: list[str]
    steps_ratio: float
    time_ratio: float


def named(setting: Setting) -> str:
    return f"{setting.n}, {setting.lam:.3g}, {setting.sigma:g}, {setting.group}"


def step_sizes(setting: Setting) -> dict[str, float]:
    """safe: no direction changes its sign; best: the strongest contraction."""
    return {"safe": setting.eta, "best": 2.0 / (2.0 * setting.lam + setting.beta)}


def steps_to_delete(setting: Setting, *, eta: float, adjacency: str = "replace") -> int:
    """By the accountant: the fewest steps for (1, 1/n), all `group` records together, learned to convergence."""
    return smallest_deletion_steps(
        lam=setting.lam,
        beta=setting.beta,
        lipschitz=setting.lipschitz,
        n=setting.n,
        eta=eta,
        sigma=setting.sigma,
        steps_learn=CONVERGED,
        epsilon=setting.epsilon,
        delta=setting.delta,
        group=setting.group,
        adjacency=adjacency,  # type: ignore[arg-type]
    ).steps


def steps_to_retrain(setting: Setting, *, eta: float, mu: float) -> int:
    """The fewest steps from zero whose law lies within mu of the converged one.

    The start is at most L/lam away; the distance shrinks by c a step while noise s comes in (certified_deletion 2.2
    with one shift): mu = (L/lam) c^K sqrt((1 - c^2)/(1 - c^(2K))) / s.
    """
    c, s = 1.0 - eta * setting.lam, math.sqrt(2.0 * eta) * setting.sigma
    steps = 1
    while setting.lipschitz / setting.lam * c**steps * math.sqrt((1.0 - c * c) / (1.0 - c ** (2 * steps))) / s > mu:
        steps += 1
    return steps


def ran(setting: Setting, *, name: str, eta: float, repeats: int, chains: int) -> Ran:
    """Learn, then delete and retrain in turn; every run draws its own noise."""
    steps = steps_to_delete(setting, eta=eta)
    again = steps_to_retrain(setting, eta=eta, mu=mu_for(epsilon=setting.epsilon, delta=setting.delta))
    rows, labels = rows_like_pictures(setting.n + HELD_OUT, features=FEATURES, seed=SEED)
    unseen = rows[setting.n :], labels[setting.n :]
    whole = part(rows[: setting.n], labels[: setting.n])
    left = part(rows[setting.group : setting.n], labels[setting.group : setting.n])
    line = Line(lam=setting.lam, eta=eta, sigma=setting.sigma, n_0=setting.n)
    model = line.run(whole, steps=again)
    kept: dict[str, list[Floats]] = {"deletion": [], "retraining": []}
    routes = {
        "deletion": lambda: kept["deletion"].append(line.run(left, steps=steps, start=model)),
        "retraining": lambda: kept["retraining"].append(line.run(left, steps=again)),
    }
    times = timing.interleaved(routes, repeats=repeats)
    noisier = descended(setting, left, model, steps=steps)
    medians = [statistics.median(accuracy(theta, *unseen) for theta in thetas) for thetas in kept.values()]
    right = [accuracy(model, *unseen), *medians, accuracy(noisier, *unseen)]
    cells = [
        named(setting),
        name,
        f"{steps} / {again}",
        f"{steps / again:.2f}",
        timing.shown(times["deletion"]),
        timing.shown(times["retraining"]),
        timing.ratio_shown(times["deletion"], times["retraining"]),
        " / ".join(f"{100 * share:.1f}" for share in right),
        law(setting, eta=eta, steps=steps, learned=again, chains=chains),
    ]
    print(" | ".join(cells), flush=True)
    return Ran(cells, steps / again, timing.ratio(times["deletion"], times["retraining"]))


def descended(setting: Setting, left: Part, model: Floats, *, steps: int) -> Floats:
    """Descent-to-Delete given as many steps: noiseless descent at its own step size, its noise on the output."""
    quiet = Line(lam=setting.lam, eta=2.0 / (2.0 * setting.lam + setting.beta), sigma=0.0, n_0=setting.n)
    theta = quiet.run(left, steps=steps, start=model)
    noise = descent_to_delete_noise(setting, steps=steps)
    return theta + noise * np.random.default_rng(SEED).standard_normal(theta.shape)


def law(setting: Setting, *, eta: float, steps: int, learned: int, chains: int) -> str:
    """The exact-law check at these very step counts. Stops the run when the bound is refuted."""
    found = measured_mu(setting, eta=eta, steps_learn=learned, steps_delete=steps, chains=chains)
    bound = deletion_bound(
        lam=setting.lam,
        beta=setting.beta,
        lipschitz=setting.lipschitz,
        n=setting.n,
        eta=eta,
        sigma=setting.sigma,
        steps_learn=learned,
        steps_delete=steps,
        group=setting.group,
    ).mu
    if found.mu - 2.0 * found.half > bound:  # four standard errors
        raise SystemExit(f"The recursion shows mu {found.mu:.4f} +- {found.half:.4f}, above its bound {bound:.4f}.")
    return f"{found.mu:.3f} ± {found.half:.3f} / {bound:.3f}"


def rules(setting: Setting) -> list[str]:
    """What each rule asks for, in steps of one full gradient."""
    sizes = step_sizes(setting)
    asked = [
        langevin_steps(setting),
        paper_style_steps(setting),
        pnsgd_steps(setting),
        descent_to_delete_steps(setting, noise=stationary_noise(setting)),
        steps_to_delete(setting, eta=sizes["safe"]),
        steps_to_delete(setting, eta=sizes["best"]),
        steps_to_delete(setting, eta=sizes["best"], adjacency="zero_out"),
    ]
    return [named(setting), *map(str, asked)]


def default_learning() -> str:
    """Steps to delete beside the steps that the estimator learns for by default, at each setting and step size."""
    pairs = [
        f"{steps_to_delete(setting, eta=eta)} / {math.ceil(RELAXATIONS / (eta * setting.lam))}"
        for setting in TABLE_2_8
        for eta in step_sizes(setting).values()
    ]
    return ", ".join(pairs)


def page(runs: list[Ran], *, repeats: int, chains: int, before: str) -> str:
    won = sum(run.time_ratio < 1.0 for run in runs)
    return f"""# Steps and time to delete

`python -m benchmarks.deletion_steps`: the three settings at which earlier work states its step counts, run by the
certified engine (binary logistic loss, {FEATURES} features, full batch, one thread, float64). A batch of `group`
records leaves together, to (1, 1/n) for all of them jointly. Retraining starts from zero and runs until its law is
within the same mu of the converged one. {repeats} runs of each, in turn: medians, extremes in brackets. A ratio below 1
is a win of deletion. The rows are generated (seed {SEED}; no public set here has 11,982 of them), {HELD_OUT} held out
for the accuracy (median of the runs; the noise comes from the operating system and has no seed).

{machine.described(load_before=before)} {machine.versions("torch", "numpy")}.

{table(HEAD, [run.cells for run in runs])}

- Deletion was faster in {won} of {len(runs)} settings; time follows steps, since every step is one full gradient.
- The estimator learns for three relaxations by default, which is not converged to so small a mu. Beside such a
  retraining a joint deletion of 100 records saves next to nothing: steps {default_learning()}, in the order above.
- "mu measured": the engine's own recursion on a problem whose law is Gaussian and attains the bound, in {chains:,}
  chains, with its 95 % interval. The command stops when a measurement refutes its bound.
- Descent-to-Delete, given as many steps as the deletion here, adds its noise on the output; with its 100 records taken
  as one batch (100 times the shift, which is ours: its published form takes one record at a time).

## What the rules ask for

Steps of one full gradient, learned to convergence, for the same (1, 1/n) and group; fewer is better.

{table(RULES, [rules(setting) for setting in TABLE_2_8])}

- The first three start from weaker bounds or convert to epsilon with slack; nothing else differs from
  "here, safe step".
- Descent-to-Delete is given the noise that "here" leaves in a direction without data, and its own, larger step size; so
  it beats the safe step twice, and is to be compared with the best step. It adds noise to what it publishes and goes on
  from the un-noised weights: secret state that a stateless deletion does not have.
- Langevin: 1997 by the best order; a grid of orders gives 1998.
- "Present against absent" is what the engine's fixed denominator does; the others compare a record with another one.
"""


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    before = machine.load()
    timing.one_thread()
    repeats, chains = (2, 2000) if quick else (15, 160_000)
    settings = TABLE_2_8[-1:] if quick else TABLE_2_8
    runs = [
        ran(setting, name=name, eta=eta, repeats=repeats, chains=chains)
        for setting in settings
        for name, eta in step_sizes(setting).items()
    ]
    text = page(runs, repeats=repeats, chains=chains, before=before)
    print(text) if quick else write("deletion-steps.md", text)


if __name__ == "__main__":
    main()
