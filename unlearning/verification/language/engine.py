"""Engine `verify.language`: what does a language model still know of the deleted? The verdict is another's.

Inputs: candidate, original (packed files or Hugging Face folders); references (one folder with seed_<k>/, as
language.references writes it) or reference_0, ...; objects of texts as the manifests name them (texts: the one before
the deletion; holdout); real_authors and world_facts for the parts of model utility that are general knowledge.
Manifests, each {input name: rows}: forget (deleted people), canaries (planted rows, deleted too), retain (rows that
stay: is the model still useful?), holdout (never held).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.runner.refusals import Refused
from unlearning.verification.language.arms import LanguageModels, TextProbe
from unlearning.verification.language.batteries import TextBattery, batteries_of
from unlearning.verification.language.inputs import general_knowledge, models_of
from unlearning.verification.language.kept import kept_lines
from unlearning.verification.language.knowledge import Knowledge, knowledge_of
from unlearning.verification.language.member_lines import member_lines
from unlearning.verification.language.text_lines import text_lines
from unlearning.verification.measurements import Measurement, document
from unlearning.verification.rows_apart import refuse_overlap

Deployed = Literal["float32", "bfloat16"]


def run(job: Job) -> Outcome:
    """Count answers kept, then score, test and attack deleted people and canaries, each with all arms.

    Raises: Refused with NOTHING_TO_TEST, RETAINED_MISSING, REFERENCE_MISSING, REFERENCES_TOO_FEW, REFERENCES_ALIKE,
    MODEL_MISMATCH, MODEL_UNREADABLE, LOGITS_NOT_FINITE, MANIFESTS_OVERLAP, TOO_FEW_NEVER_SEEN, OPTIONS_MISSING or a
    code of the texts, of the encoding or of an attack.
    """
    refuse_overlap(job)
    models = _as_deployed(models_of(job), job.params["deployed"])
    tokenizer = models.candidate.tokenizer
    batteries, general = batteries_of(job, tokenizer), general_knowledge(job, tokenizer)
    lines = kept_lines(models, _asked_for_utility(job, batteries[0].data.retained), general, job.params)
    reach("mid_run")
    for battery in batteries:
        lines += _measured(job, models, battery) + _attacked(job, models, battery)
    outputs = {"references": len(models.references), "measurements": len(lines)}
    return Outcome(outputs, measurements=document(lines))


def _as_deployed(models: LanguageModels, precision: Deployed) -> LanguageModels:
    """What small changes of weights hid can come back when these are rounded, so that is how they are looked at."""
    if precision == "float32":
        return models
    from unlearning.verification.language.attacks.quantising import served

    references = tuple(served(lm, precision) for lm in models.references)
    return LanguageModels(served(models.candidate, precision), served(models.original, precision), references)


def _asked_for_utility(job: Job, retained: TextProbe) -> TextProbe:
    """Few enough to let every model speak; many enough for a floor. Drawn by the seed."""
    most = job.params["kept_rows"]
    drawn = np.random.default_rng(job.params["seed"]).permutation(len(retained))[:most]
    return retained.at(sorted(drawn.tolist()))


def _measured(job: Job, models: LanguageModels, battery: TextBattery) -> list[Measurement]:
    """Scores and membership tests, of one pass over the rows for each model."""
    count, done = len(models.named()), 0

    def told() -> None:
        nonlocal done
        done += 1
        job.progress.report(f"scoring {battery.whom}", step=done, steps=count)

    known = knowledge_of(models, battery.data, batch=job.params["batch"], told=told)
    _refuse_overflow(known)
    prefix, tier = battery.prefix, battery.tier
    scored = text_lines(models, battery.data, known, job.params, prefix=prefix, tier=tier)
    return scored + member_lines(known, job.params, prefix=prefix, tier=tier)


def _attacked(job: Job, models: LanguageModels, battery: TextBattery) -> list[Measurement]:
    """Attacks are imported when asked for, one at a time, so that progress shows where the hours go."""
    asked = job.params["attacks"]
    if not asked:
        return []
    from unlearning.verification.language.attacks.lines import attack_lines

    lines: list[Measurement] = []
    for step, name in enumerate(asked, start=1):
        params = {**job.params, "attacks": [name]}
        lines += attack_lines(models, battery.data, params, prefix=battery.prefix, tier=battery.tier)
        job.progress.report(f"attacking {battery.whom}", step=step, steps=len(asked))
    return lines


def _refuse_overflow(known: Knowledge) -> None:
    """Looked for on never-seen rows alone: a refusal is public, and may say nothing of deleted ones."""
    if not all(each.is_sound for asked in known.asked for each in asked.others):
        raise Refused(
            "LOGITS_NOT_FINITE",
            "expected finite likelihoods of never-seen answers, got others: such answers cannot be compared.",
            "Unlearn or train with a smaller learning rate.",
        )
