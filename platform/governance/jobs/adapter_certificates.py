"""Certificates of an exact step on adapters: what alone had learned the rows was left out, or trained anew without."""

from typing import Any

from evidence.unproved_families import DROP, RETRAIN_ADAPTER
from governance.jobs.models import Job, Plan
from governance.jobs.parts import named_record
from governance.jobs.plain_certificates import LIMITS, NO_NOISE, NO_NUMBERS, of_the_base, of_words, without_ledger
from governance.lineage.models import Checkpoint
from unlearning.accounting import GdpBound

ALONE = (
    "Each adapter was trained alone, all others off, on a base that stays as it is; lineage tells which rows "
    "each learned, and those that stay learned none of these records."
)
RECORDED = (
    "What each part of the old weights was had been recorded when they were made, before this case: the verifier "
    "compares what stays with that record, and with the released file where a bundle holds it."
)
UNRECORDED = (
    "The parts of the old weights were not recorded when they were made: that what stays did not change is the "
    "house's word."
)
WHO = "Whoever knows how people are spread over adapters learns that somebody of these asked."


def of_the_record(job: Job, staying: list[str]) -> tuple[dict[str, Any], list[str]]:
    """The record of the old weights' parts, and in words whether there is one; neither where no adapter stays."""
    if not staying:
        return {}, []
    record = named_record(job)
    return record, [RECORDED if record else UNRECORDED]


def dropped_body(plan: Plan, candidate: Checkpoint, job: Job, rung: str) -> dict[str, Any]:
    """Adapters were left out that alone had learned the rows: what is left never met them, as far as lineage tells."""
    told = job.spec["params"]
    staying = sorted(set(told["origins"]["adapters"]) - set(told["adapters"]))
    step = next(step for step in plan.body["inputs"]["ladder"] if step["method"] == DROP)
    left = (
        "The old file without them, byte for byte" if staying else "Nothing trained here is left: it is the base itself"
    )
    record, words = of_the_record(job, staying)
    return {
        **without_ledger(plan, candidate, job, a=GdpBound(0.0)),
        **record,
        "rung": rung,
        "method": DROP,
        "dropped": {"adapters": sorted(told["adapters"]), "staying": staying, "lost_rows": step["lost_rows"]},
        "assumptions": [
            ALONE,
            f"{left}; the house compared them when it recorded the job.",
            *words,
            *of_words(plan),
        ],
        "limits": [
            f"What {step['lost_rows']} rows of other people had taught went with it.",
            WHO,
            *of_the_base(plan),
            NO_NUMBERS,
            *LIMITS[1:3],
            NO_NOISE,
        ],
    }


def whole_retraining(told: dict[str, Any], *, rows: int) -> str:
    """What a whole retraining on the rows that stay would have given. rows: how many they are."""
    kept = [part for name, part in told["origins"]["adapters"].items() if name not in told["adapters"]]
    outside = rows - sum(map(len, [*kept, *told["parts"].values()]))
    if outside:
        return (
            f"{outside} rows that stay are in no adapter, since one was dropped before: a whole retraining would have "
            "taught them, too."
        )
    return (
        "A whole retraining by the same engine and libraries, on one process and one thread, would have given these "
        "weights."
    )


def retrained_adapters_body(plan: Plan, candidate: Checkpoint, job: Job, rung: str) -> dict[str, Any]:
    """Adapters that had learned the rows were trained anew on what is left of their groups; the others stay."""
    told = job.spec["params"]
    going, anew = set(told["adapters"]), sorted(told["parts"])
    left = sum(len(rows) for rows in told["parts"].values())
    learned = (
        f"{', '.join(anew)} learned anew, from the same seed on the same base, the {left} rows that are left of what "
        "they had learned: the data they were given held none of the records, as the snapshot's absence proofs show."
        if anew
        else "Nothing was left to learn for those that had learned the rows, so they are gone."
    )
    staying = sorted(set(told["origins"]["adapters"]) - going)
    record, words = of_the_record(job, staying)
    return {
        **without_ledger(plan, candidate, job, a=GdpBound(0.0)),
        **record,
        "rung": rung,
        "method": RETRAIN_ADAPTER,
        "retrained_adapters": {
            "adapters": anew,
            "emptied": sorted(going - set(anew)),
            "staying": staying,
            "left_rows": left,
        },
        "assumptions": [
            ALONE,
            learned,
            whole_retraining(told, rows=plan.new_snapshot.rows if plan.new_snapshot else 0),
            "The rest is the old file, byte for byte; the house compared them when it recorded the job.",
            *words,
            *of_words(plan),
        ],
        "limits": [WHO, *of_the_base(plan), NO_NUMBERS, *LIMITS[1:3], NO_NOISE],
    }
