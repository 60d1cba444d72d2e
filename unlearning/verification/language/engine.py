"""Engine `verify.language`: what does a language model still know of the deleted? The verdict is another's.

Inputs: candidate, original (packed files or Hugging Face folders); references (one folder with seed_<k>/, as
language.references writes it) or reference_0, ...; objects of texts as the manifests name them (texts: the one before
the deletion; holdout); real_authors and world_facts for the parts of model utility that are general knowledge.
Manifests, each {input name: rows}: forget (deleted people), canaries (planted rows, deleted too), retain (rows that
stay: is the model still useful?), holdout (never held).
"""

from __future__ import annotations

import numpy as np

from unlearning.runner.faultpoints import reach
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Outcome
from unlearning.verification.language.arms import LanguageModels, TextProbe
from unlearning.verification.language.assessing import as_deployed, compared
from unlearning.verification.language.batteries import TextBattery, batteries_of
from unlearning.verification.language.inputs import general_knowledge, models_of
from unlearning.verification.language.utility import utility_lines
from unlearning.verification.measurements import Measurement, document
from unlearning.verification.rows_apart import refuse_overlap


def run(job: Job) -> Outcome:
    """Ask about people who stay, then score, test and attack deleted people and canaries, each with all arms.

    Raises: Refused with NOTHING_TO_TEST, RETAINED_MISSING, REFERENCE_MISSING, REFERENCES_TOO_FEW, REFERENCES_ALIKE,
    MODEL_MISMATCH, MODEL_UNREADABLE, LOGITS_NOT_FINITE, MANIFESTS_OVERLAP, TOO_FEW_NEVER_SEEN, OPTIONS_MISSING or a
    code of the texts, of the encoding or of an attack.
    """
    refuse_overlap(job)
    models = as_deployed(models_of(job), job.params["deployed"])
    tokenizer = models.candidate.tokenizer
    batteries, general = batteries_of(job, tokenizer), general_knowledge(job, tokenizer)
    stayed = _asked_for_utility(job, batteries[0].data.retained)

    def told(step: int, steps: int) -> None:
        job.progress.report("asking about people who stay", step=step, steps=steps)

    told(0, len(models.named()))  # speech is slow: somebody who looks must see that it has begun
    lines = utility_lines(models, stayed, general, job.params, told=told)
    reach("mid_run")
    for battery in batteries:
        lines += _measured(job, models, battery)
    # Not how many lines there are: which probes could be made, and which budgets told anything, follows from the rows.
    return Outcome({"references": len(models.references)}, measurements=document(lines))


def _asked_for_utility(job: Job, retained: TextProbe) -> TextProbe:
    """Few enough to let every model speak; many enough for a floor. Drawn by the seed."""
    most = job.params["kept_rows"]
    drawn = np.random.default_rng(job.params["seed"]).permutation(len(retained))[:most]
    return retained.at(sorted(drawn.tolist()))


def _measured(job: Job, models: LanguageModels, battery: TextBattery) -> list[Measurement]:
    def told(phase: str, step: int, steps: int) -> None:
        job.progress.report(f"{phase} {battery.whom}", step=step, steps=steps)

    return compared(models, battery.data, job.params, prefix=battery.prefix, tier=battery.tier, told=told)
