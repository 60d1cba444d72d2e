"""Engine `verify.network`: attack a network beside its controls, probe its blind side, and write measurements.

Inputs: candidate, original (network folders); references (one folder with seed_<k>/, as classifier.references writes
it) or reference_0, reference_1, ...; objects of rows, as the manifests name them (features: the one before the
deletion; holdout); for likelihood ratios shadows (what classifier.shadows wrote).
Manifests, each {input name: rows}: forget (deleted people), canaries (planted rows, deleted too), holdout (never
held), retain (rows that stay; for the retain-only probe). The verdict is another's.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused
from unlearning.verification.ascent import Logits
from unlearning.verification.measurements import Measurement, document, ladder, sealed, utility
from unlearning.verification.network_arms import (
    NetworkProbe,
    Strength,
    attack_arms,
    groups_of,
    said,
    transfer_arms,
    work,
)
from unlearning.verification.network_batteries import Battery, batteries_of
from unlearning.verification.network_blindside import members, probed
from unlearning.verification.network_inputs import Networks, networks_of, strength_of
from unlearning.verification.rows_apart import refuse_overlap


def run(job: Job) -> Outcome:
    """Measure utility, then attack and probe deleted people and canaries, each with all arms.

    Raises: Refused with NOTHING_TO_TEST, REFERENCE_MISSING, MODEL_MISMATCH, MODEL_UNREADABLE, WIDTH_MISMATCH,
    LOGITS_NOT_FINITE, REFERENCES_ALIKE, MANIFESTS_OVERLAP or a code of the dataset, of a probe or of a membership test.
    """
    refuse_overlap(job)
    networks = networks_of(job)
    strength, source = strength_of(job.params, networks.candidate.architecture), _source(job, networks)
    batteries = batteries_of(job, networks)
    lines = _utility(networks, batteries[0].fitting)
    reach("mid_run")
    for battery in batteries:
        lines += _attack(job, networks, battery, strength, source)
        lines += probed(job, networks, battery) + members(job, networks, battery)
    # Not how many lines there are: which probes could be made, and which budgets told anything, follows from the rows.
    return Outcome({"references": len(networks.references)}, measurements=document(lines))


def _attack(
    job: Job, networks: Networks, battery: Battery, strength: Strength, source: Logits | None
) -> list[Measurement]:
    """The attack with each model's own gradients; with a source also what its queries do to the others."""
    groups = groups_of(networks.models, battery.deleted, battery.unseen, strength)
    name, rows = f"{battery.prefix}uma.{strength.norm}.{strength.target}", work(groups)

    def told(phase: str) -> Callable[[int], None]:
        return lambda done: job.progress.report(phase, step=done, steps=rows)

    arms = attack_arms(groups, strength, told=told(f"attacking {battery.whom}"))
    lines = ladder(name, arms, strength.budgets, deleted_tier=battery.tier)
    lines = sealed(lines) if strength.target == "with_original" else lines
    if source is None:
        return lines
    carried = transfer_arms(source, groups, strength, told=told(f"transferring to {battery.whom}"))
    return lines + sealed(ladder(f"{name}.transfer", carried, strength.budgets, deleted_tier=battery.tier))


def _source(job: Job, networks: Networks) -> Logits | None:
    """The model that transferred queries are crafted on."""
    if job.params["transfer"] != "reference":
        return networks.original if job.params["transfer"] == "original" else None
    if not networks.references:
        raise Refused(
            "REFERENCE_MISSING",
            "expected a reference to craft the queries on, got none.",
            "Give references, or let transfer start from the original.",
        )
    return networks.references[0]


def _utility(networks: Networks, holdout: NetworkProbe) -> list[Measurement]:
    named = {"A": networks.candidate}
    named |= {f"B:{k}": model for k, model in enumerate(networks.references)} | {"P": networks.original}
    for model in named.values():
        _refuse_overflow(model, holdout)
    return [
        utility(arm, right=int((said(model, holdout.x) == holdout.y).sum()), trials=len(holdout))
        for arm, model in named.items()
    ]


def _refuse_overflow(model: Logits, holdout: NetworkProbe) -> None:
    """Looked for on never-seen rows alone: a refusal is public, and may say nothing of deleted ones."""
    with torch.no_grad():
        if not all(bool(torch.isfinite(model(part)).all()) for part in torch.split(holdout.x, 1024)):
            raise Refused(
                "LOGITS_NOT_FINITE",
                "expected finite logits on never-seen rows, got NaN or infinity: such answers cannot be compared.",
                "Unlearn or train with a smaller learning rate.",
            )
