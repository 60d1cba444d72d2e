"""Engine `verify.network`: attack a network beside its controls, probe its blind side, and write measurements.

Inputs: candidate, original (network folders); references (one folder with seed_<k>/, as classifier.references writes
it) or reference_0, reference_1, ...; objects of rows, as the manifests name them (features: the one before the
deletion; holdout); for likelihood ratios shadows (what classifier.shadows wrote).
Manifests, each {input name: rows}: forget (deleted people), canaries (planted rows, deleted too), holdout (never
held), retain (rows that stay; for the retain-only probe). The verdict is another's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused
from unlearning.verification.ascent import Logits
from unlearning.verification.measurements import Measurement, Tier, document, ladder, utility
from unlearning.verification.network_arms import (
    NetworkProbe,
    Strength,
    attack_arms,
    groups_of,
    said,
    transfer_arms,
    work,
)
from unlearning.verification.network_inputs import MOST_RETAINED, Networks, networks_of, probe_of, strength_of
from unlearning.verification.network_twins import twins_of


@dataclass(frozen=True)
class Battery:
    """One comparison: deleted rows beside never-seen ones like them. fitting: never-seen rows with true labels."""

    prefix: str
    tier: Tier
    deleted: NetworkProbe
    unseen: NetworkProbe
    fitting: NetworkProbe

    @property
    def whom(self) -> str:
        """For progress."""
        return "canaries" if self.prefix else "people"


def run(job: Job) -> Outcome:
    """Measure utility, then attack and probe deleted people and canaries, each with all arms.

    Raises: Refused with NOTHING_TO_TEST, REFERENCE_MISSING, MODEL_MISMATCH, MODEL_UNREADABLE, WIDTH_MISMATCH or a code
    of the dataset or of a probe.
    """
    networks = networks_of(job)
    strength = strength_of(job.params, networks.candidate.architecture)
    batteries = _batteries(job, networks)
    lines = _utility(networks, batteries[0].fitting)
    reach("mid_run")
    for battery in batteries:
        lines += _attack(job, networks, battery, strength)
        lines += _probe(job, networks, battery)
    outputs = {"references": len(networks.references), "measurements": len(lines)}
    return Outcome(outputs, measurements=document(lines))


def _batteries(job: Job, networks: Networks) -> list[Battery]:
    holdout = probe_of(job, "holdout", networks.candidate)
    people, canaries = (probe_of(job, name, networks.candidate) for name in ("forget", "canaries"))
    if holdout is None or (people is None and canaries is None):
        raise Refused(
            "NOTHING_TO_TEST",
            "expected a holdout manifest and a forget or canaries manifest, got fewer.",
            "Name never-seen rows, and deleted people or canaries.",
        )
    found = [] if people is None else [Battery("", "sealed", people, holdout, holdout)]
    if canaries is not None:
        made = networks.candidate.architecture
        kind = job.params.get("twins", "redrawn" if made.family == "mlp" else "holdout")
        twins = twins_of(canaries, holdout, kind=kind, classes=len(made.classes), seed=job.params["seed"])
        found.append(Battery("canary.", "open", canaries, twins, holdout))
    return found


def _attack(job: Job, networks: Networks, battery: Battery, strength: Strength) -> list[Measurement]:
    groups = groups_of(networks.models, battery.deleted, battery.unseen, strength)
    name, rows = f"{battery.prefix}uma.{strength.norm}.{strength.target}", work(groups)

    def told(phase: str) -> Callable[[int], None]:
        return lambda done: job.progress.report(phase, step=done, steps=rows)

    arms = attack_arms(groups, strength, told=told(f"attacking {battery.whom}"))
    lines = ladder(name, arms, strength.budgets, deleted_tier=battery.tier)
    if job.params["transfer"] == "none":
        return lines
    carried = transfer_arms(_source(job, networks), groups, strength, told=told(f"transferring to {battery.whom}"))
    return lines + ladder(f"{name}.transfer", carried, strength.budgets, deleted_tier=battery.tier)


def _source(job: Job, networks: Networks) -> Logits:
    if job.params["transfer"] == "original":
        return networks.original
    if not networks.references:
        raise Refused(
            "REFERENCE_MISSING",
            "expected a reference to craft the queries on, got none.",
            "Give references, or let transfer start from the original.",
        )
    return networks.references[0]


def _probe(job: Job, networks: Networks, battery: Battery) -> list[Measurement]:
    """What the attack through the head cannot see. Imported here: who does not ask for it does not load it."""
    asked = job.params["probes"]
    if not asked:
        return []
    from unlearning.verification.probes.data import BlindSide
    from unlearning.verification.probes.lines import probe_lines

    retained = _retained(job, networks) or battery.fitting.at([])
    data = BlindSide(battery.deleted, battery.unseen, battery.fitting, retained)
    lines: list[Measurement] = []
    for step, name in enumerate(asked, start=1):
        params = {"probes": [name], "seed": job.params["seed"]}
        lines += probe_lines(networks.models, data, params, prefix=battery.prefix, tier=battery.tier)
        job.progress.report(f"probing {battery.whom}", step=step, steps=len(asked))
    return lines


def _retained(job: Job, networks: Networks) -> NetworkProbe | None:
    found = probe_of(job, "retain", networks.candidate, most=MOST_RETAINED)
    if found is None and "relearning.retain" in job.params["probes"]:
        raise Refused(
            "MANIFEST_MISSING",
            "relearning.retain expects a retain manifest, got none.",
            "Name the rows that stay, or leave this probe out.",
        )
    return found


def _utility(networks: Networks, holdout: NetworkProbe) -> list[Measurement]:
    named = {"A": networks.candidate}
    named |= {f"B:{k}": model for k, model in enumerate(networks.references)} | {"P": networks.original}
    return [
        utility(arm, right=int((said(model, holdout.x) == holdout.y).sum()), trials=len(holdout))
        for arm, model in named.items()
    ]
