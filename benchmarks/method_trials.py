"""One method on one task and seed: what the old checks say of it, and what the attack and the probes find.

The controls (retrained references and the original) are attacked and probed once per task and seed; every method is
laid beside the same ones. Letters: K references.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.forgetting import Study
from governance.verification.excess import Excess
from governance.verification.reading import batteries_of
from governance.verification.verdict import Finding, Utility, judge
from unlearning.classifiers.forgetting import unlearn
from unlearning.classifiers.network import Network, build
from unlearning.classifiers.tasks import Part, Task
from unlearning.classifiers.training import fit
from unlearning.verification.measurements import Measurement, ladder
from unlearning.verification.members.curves import auc
from unlearning.verification.network_arms import (
    Group,
    NetworkModels,
    NetworkProbe,
    Strength,
    attack_arms,
    groups_of,
    said,
)
from unlearning.verification.probes.data import BlindSide
from unlearning.verification.probes.lines import PROBES, probe_lines

BUDGETS = (0.0, 0.05, 0.1, 0.15)
ATTACK = Strength(budgets=BUDGETS, low=0.0, high=1.0)
POLICY: dict[str, Any] = {
    "level": 0.05,
    "margin": 0.1,
    "references": 5,
    "utility_floor": 0.7,
    "resamples": 2000,
    "seed": 0,
    "budgets": list(BUDGETS),
}
# Never a reference's seed, and none of the original's.
FIRST_REFERENCE = 100


@dataclass(frozen=True)
class Bench:
    """What all methods of one task and seed share."""

    task: Task
    original: Network
    references: tuple[Network, ...]
    one_more: Network
    deleted: NetworkProbe
    unseen: NetworkProbe
    control_lines: list[Measurement]
    retraining_s: float


@dataclass(frozen=True)
class Row:
    """One method, one seed. membership: loss AUC against never-seen rows. relearning, probe: the largest X among those.

    cost: CPU seconds in trainings of one reference."""

    method: str
    seed: int
    forget: float
    test: float
    membership: float
    accuracy_check: bool
    membership_check: bool
    x: Mapping[float, float]
    y: Mapping[float, float]
    relearning: float
    probe: float
    attack_alone: str
    all_batteries: str
    cost: float


def prepared(study: Study, seed: int) -> Bench:
    """Train the original and the references, and measure all that does not depend on the method."""
    task = study.task(seed)
    original = trained(study, task, np.arange(len(task.train)), seed)
    begun = time.process_time()
    count = POLICY["references"]
    references = tuple(trained(study, task, task.retain, FIRST_REFERENCE + seed * count + k) for k in range(count))
    retraining_s = (time.process_time() - begun) / count
    deleted, unseen = probe(original, task.train.at(task.forget)), probe(original, task.unseen)
    models = NetworkModels(original, original, references)
    groups = [without(group, ("A", "C", "E")) for group in groups_of(models, deleted, unseen, ATTACK)]
    lines = ladder("uma.linf.label_only", attack_arms(groups, ATTACK), BUDGETS, deleted_tier="sealed")
    lines += [line for line in probed(models, task, original, deleted, unseen, study) if line["arm"] not in ("A", "C")]
    one_more = trained(study, task, task.retain, FIRST_REFERENCE - 1 - seed)
    return Bench(task, original, references, one_more, deleted, unseen, lines, retraining_s)


def tried(bench: Bench, study: Study, method: str, seed: int) -> Row:
    """Let the original forget by one method ("none": not at all), and look at the result in every way."""
    task, begun = bench.task, time.process_time()
    candidate = forgotten(bench, method, seed)
    cost = (time.process_time() - begun) / bench.retraining_s
    uma = ladder("uma.linf.label_only", attack_arms(own_groups(bench, candidate), ATTACK), BUDGETS, deleted_tier="open")
    alone = NetworkModels(candidate, bench.original, ())
    probes = probed(alone, task, bench.original, bench.deleted, bench.unseen, study)
    lines = [*bench.control_lines, *uma, *(line for line in probes if line["arm"] in ("A", "C"))]
    test = probe(bench.original, task.test)
    right = int((said(candidate, test.x) == test.y).sum())
    utility = Utility(successes=right, trials=len(test))
    attack_only = judged(lines, utility, study, only="uma")
    everything = judged(lines, utility, study, only="")
    found = {(item.battery, item.rung.budget): item for item in everything.judged}
    return Row(
        method=method,
        seed=seed,
        forget=accuracy(candidate, bench.deleted),
        test=right / len(test),
        membership=loss_auc(candidate, bench),
        accuracy_check=passes_accuracy(candidate, bench),
        membership_check=passes_membership(candidate, bench),
        x={budget: found["uma.linf.label_only", budget].x.value for budget in BUDGETS},
        y={budget: found["uma.linf.label_only", budget].y.value for budget in BUDGETS},
        relearning=largest([item.x for item in everything.judged if item.battery.startswith("relearning")]),
        probe=largest([item.x for item in everything.judged if item.battery.startswith("probe")]),
        attack_alone=attack_only.outcome,
        all_batteries=everything.outcome,
        cost=cost,
    )


def trained(study: Study, task: Task, rows: Any, seed: int) -> Network:
    network = build(study.architecture, seed=seed)
    return fit(network, network.scaled(task.train.x[rows]), task.train.y[rows], seed=seed, **study.training)  # type: ignore[arg-type]


def forgotten(bench: Bench, method: str, seed: int) -> nn.Module:
    if method == "none":
        return bench.original
    task = bench.task
    if method == "retrained":
        return bench.one_more
    keep, drop = task.train.at(task.retain), task.train.at(task.forget)
    sides = {
        name: (bench.original.scaled(part.x), torch.as_tensor(part.y))
        for name, part in (("retain", keep), ("forget", drop))
    }
    return unlearn(bench.original, method=method, seed=seed, **sides)


def own_groups(bench: Bench, candidate: nn.Module) -> list[Group]:
    models = NetworkModels(candidate, bench.original, ())
    return [without(group, ("P",)) for group in groups_of(models, bench.deleted, bench.unseen, ATTACK)]


def without(group: Group, arms: tuple[str, ...]) -> Group:
    return replace(group, asked={name: model for name, model in group.asked.items() if name not in arms})


def probed(
    models: NetworkModels, task: Task, network: Network, deleted: NetworkProbe, unseen: NetworkProbe, study: Study
) -> list[Measurement]:
    """All probes; fitted on never-seen rows of every class with their true labels (test rows, and the class's own)."""
    fitting = probe(network, task.test)
    if study.whole_class:
        fitting = NetworkProbe(torch.cat([fitting.x, unseen.x]), torch.cat([fitting.y, unseen.y]))
    retained = probe(network, task.train.at(task.retain))
    data = BlindSide(deleted, unseen, fitting, retained)
    return probe_lines(models, data, {"probes": PROBES, "seed": 0}, prefix="", tier="sealed")


def judged(lines: list[Measurement], utility: Utility, study: Study, *, only: str) -> Finding:
    """The verdict; never-seen rows of a class that is to go are as gone as the deleted: X counts."""
    batteries = {name: rungs for name, rungs in batteries_of(lines, canaries=False).items() if name.startswith(only)}
    asked = {} if only else {"probes": list(PROBES)}  # what was asked and is missing would be a doubt
    return judge(batteries, utility, POLICY | asked | {"scope": "class" if study.whole_class else "records"})


def passes_accuracy(candidate: nn.Module, bench: Bench) -> bool:
    """The first old check: clean accuracies near a retrained model's, 5 points (forgotten rows) and 2 (test rows)."""
    test = probe(bench.original, bench.task.test)
    forget_gap = accuracy(candidate, bench.deleted) - mean(accuracy(one, bench.deleted) for one in bench.references)
    test_gap = accuracy(candidate, test) - mean(accuracy(one, test) for one in bench.references)
    return abs(forget_gap) <= 0.05 and test_gap >= -0.02


def passes_membership(candidate: nn.Module, bench: Bench) -> bool:
    """The second: as many forgotten rows look like members as with a retrained model, within 5 points."""
    return abs(members(candidate, bench) - mean(members(one, bench) for one in bench.references)) <= 0.05


def members(model: nn.Module, bench: Bench) -> float:
    """The share of forgotten rows that the usual test takes for members: the threshold on a row's loss that best tells
    rows that stay from test rows (Yeom et al. 2018; the papers' "MIA efficacy" is one minus this)."""
    kept = losses(model, probe(bench.original, bench.task.train.at(bench.task.retain)))
    test = losses(model, probe(bench.original, bench.task.test))
    cuts = np.quantile(np.concatenate([kept, test]), np.linspace(0.0, 1.0, 201))
    best = max(cuts, key=lambda cut: np.mean(kept <= cut) + np.mean(test > cut))
    return float(np.mean(losses(model, bench.deleted) <= best))


def loss_auc(model: nn.Module, bench: Bench) -> float:
    """Area under the curve of telling forgotten from never-seen rows by a small loss; 0.5 tells nothing."""
    return auc(-losses(model, bench.deleted), -losses(model, bench.unseen))


def losses(model: nn.Module, rows: NetworkProbe) -> Any:
    with torch.no_grad():
        return nn.functional.cross_entropy(model(rows.x), rows.y, reduction="none").double().numpy()


def accuracy(model: nn.Module, rows: NetworkProbe) -> float:
    return float((said(model, rows.x) == rows.y).float().mean())


def probe(network: Network, part: Part) -> NetworkProbe:
    return NetworkProbe(network.scaled(part.x), torch.as_tensor(part.y))


def largest(found: list[Excess]) -> float:
    return max(item.value for item in found)


def mean(values: Any) -> float:
    return float(np.mean(list(values)))
