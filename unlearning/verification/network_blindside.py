"""What the attack through the head cannot see, asked on the rows of a battery: probes and membership tests.

They are imported when asked for: who does not ask does not load them.
"""

from __future__ import annotations

from unlearning.runner.job import Job
from unlearning.verification.measurements import Measurement
from unlearning.verification.network_arms import NetworkProbe
from unlearning.verification.network_batteries import Battery
from unlearning.verification.network_inputs import Networks, listed

MOST_RETAINED = 4096  # rows that stay, drawn by the seed: forty steps of the retain-only probe take fewer
WITH_SHADOWS = {"lira", "ulira"}


def probed(job: Job, networks: Networks, battery: Battery) -> list[Measurement]:
    """Lines of the probes in params["probes"]; progress counts probes.

    Raises: Refused with a code of the dataset or of the probe.
    """
    asked = job.params["probes"]
    if not asked:
        return []
    from unlearning.verification.probes.data import BlindSide
    from unlearning.verification.probes.lines import probe_lines

    data = BlindSide(battery.deleted, battery.unseen, battery.fitting, _retained(job, networks, battery))
    lines: list[Measurement] = []
    for step, name in enumerate(asked, start=1):
        params = {"probes": [name], "seed": job.params["seed"]}
        lines += probe_lines(networks.models, data, params, prefix=battery.prefix, tier=battery.tier)
        job.progress.report(f"probing {battery.whom}", step=step, steps=len(asked))
    return lines


def members(job: Job, networks: Networks, battery: Battery) -> list[Measurement]:
    """Lines of the tests in params["membership"]; progress counts tests.

    Raises: Refused with SHADOWS_UNREADABLE or a code of the test.
    """
    asked = job.params["membership"]
    if not asked:
        return []
    from unlearning.verification.members.data import Membership
    from unlearning.verification.members.lines import member_lines
    from unlearning.verification.members.shadow_file import load_shadows

    wanted = WITH_SHADOWS & set(asked) and "shadows" in job.spec.inputs
    shadows = load_shadows(job.input("shadows")) if wanted else None
    data = Membership(battery.deleted, battery.unseen, battery.deleted_keys, battery.unseen_keys, shadows)
    lines: list[Measurement] = []
    for step, name in enumerate(asked, start=1):
        params = {"membership": [name]}
        lines += member_lines(networks.models, data, params, prefix=battery.prefix, tier=battery.tier)
        job.progress.report(f"asking for membership of {battery.whom}", step=step, steps=len(asked))
    return lines


def _retained(job: Job, networks: Networks, battery: Battery) -> NetworkProbe:
    asked = "relearning.retain" in job.params["probes"]
    found = listed(job, "retain", networks.candidate, most=MOST_RETAINED) if asked else None
    return found.rows if found else battery.fitting.at([])
