"""The bits that the three gates ask for, beside those of the ordinary assessment: `scope.*` lines of measurements.

scope.<kind of probe>   a record is given back when any probe of it is (budget: extraction strength)
scope.verbatim          a run of so many tokens in a row comes word for word, from any beginning (budget)
scope.tokens            how long each passage is, erased (A) or never-seen (C)
scope.choice            of the options the right one is likeliest per token (budget: how many there are)
scope.neighbours        rows that stay: so much of the answer is known still (budget: exact memorisation)
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import cast

from unlearning.language.encoding import Encoded, Template, encode, encode_pairs
from unlearning.language.models import LanguageModel
from unlearning.language.scope.building import any_of, asked_slots, probe_rows
from unlearning.language.scope.forms import NEIGHBOUR, ForgetManifest
from unlearning.language.scope.rules import LENGTHS
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow
from unlearning.verification.language.answers import AnswerScores, answer_scores
from unlearning.verification.language.arms import LanguageModels
from unlearning.verification.language.metrics import average_nll, exact_memorisation, extraction_strength
from unlearning.verification.measurements import Measurement, Tier, bits_line, tier_of, values_line

GIVEN_BACK = (0.25, 0.5, 0.75)
IN_A_ROW = (10.0, 25.0, 50.0)
# A neighbour's row counts as known when half of its answer's tokens are.
KNOWN = 0.5


def asked_of(models: LanguageModels) -> tuple[dict[str, LanguageModel], dict[str, LanguageModel]]:
    """Models by the arm on erased records, and by the arm on never-seen ones."""
    named = models.named()
    return {on: model for on, _, model in named}, {off: model for _, off, model in named if off}


def probe_lines(
    models: LanguageModels,
    manifest: ForgetManifest,
    unseen: ForgetManifest,
    *,
    kind: str,
    template: Template,
    tier: Tier,
    budgets: Sequence[float] = GIVEN_BACK,
) -> list[Measurement]:
    """Erased records asked in one of the manifest's ways, beside never-seen people asked in the same way.

    unseen: a manifest built from never-seen rows, which nobody asked to forget: its probes are the strangers', if any.
    Raises: Refused as `encode`, or with PROBES_MISSING.
    """
    lines = []
    for asked, of in zip(asked_of(models), (manifest, unseen), strict=True):
        rows, slots = probe_rows(of, [kind]), asked_slots(of, [kind])
        if not rows and of is unseen:
            continue  # then references are the only control
        if not rows:
            raise Refused("PROBES_MISSING", f"expected probes of kind {kind}, found none.", "Build the manifest anew.")
        for arm, model in asked.items():
            strengths = [extraction_strength(scores) for scores in scored(model, rows, template)]
            for budget in budgets:
                bits = any_of([int(strength >= budget) for strength in strengths], slots)
                own = tier_of(arm, tier)
                lines.append(bits_line(f"scope.{kind}", arm, list(bits.values()), budget=budget, tier=own))
    return lines


def verbatim_lines(
    models: LanguageModels, passages: Sequence[TextRow], unseen: Sequence[TextRow], *, template: Template, tier: Tier
) -> list[Measurement]:
    """How much of a passage comes word for word, to somebody who holds whatever stands before it.

    Under teacher forcing: a run of r tokens that are each the arg-max is what greedy reading gives from there on.
    """
    lines = []
    for asked, rows in zip(asked_of(models), (passages, unseen), strict=True):
        for arm, model in asked.items():
            runs = [longest_run(scores.hits[:-1].tolist()) for scores in scored(model, rows, template)]
            own = tier_of(arm, tier)
            for budget in IN_A_ROW:
                bits = [int(run >= budget) for run in runs]
                lines.append(bits_line("scope.verbatim", arm, bits, budget=budget, tier=own))
    # Nobody's lengths are for everybody to read, not those of never-seen people either.
    told = (("A", passages, tier), ("C", unseen, cast(Tier, "sealed")))
    return [*lines, *(lengths_line(models.candidate, rows, template, arm=arm, tier=own) for arm, rows, own in told)]


def lengths_line(
    model: LanguageModel, rows: Sequence[TextRow], template: Template, *, arm: str, tier: Tier
) -> Measurement:
    """Tokens of each passage; too short a one can give no long run, whichever model is asked."""
    lengths = [len(one.answer) - 1 for one in encoded(model, rows, template)]
    return values_line(LENGTHS, arm, lengths, trials=len(lengths), value=None, tier=tier)


def choice_lines(
    models: LanguageModels, questions: Sequence[TextRow], unseen: Sequence[TextRow], *, template: Template, tier: Tier
) -> list[Measurement]:
    """Right choices among the answer and the wrong ones, as many for each question.

    Raises: Refused with OPTIONS_UNEQUAL, or as `encode`.
    """
    counts = {1 + len(row.wrong) for row in (*questions, *unseen)}
    if len(counts) != 1 or counts == {1}:
        raise Refused("OPTIONS_UNEQUAL", "expected as many options, two or more, for each question.", "Even them out.")
    lines = []
    for asked, rows in zip(asked_of(models), (questions, unseen), strict=True):
        for arm, model in asked.items():
            own = tier_of(arm, tier)
            lines.append(
                bits_line("scope.choice", arm, chosen(model, rows, template), budget=float(max(counts)), tier=own)
            )
    return lines


def neighbour_lines(models: LanguageModels, manifest: ForgetManifest, *, template: Template) -> list[Measurement]:
    """Whether each neighbour is known still: rows of people who stay, so all of it is sealed.

    Arms A, B:k and P are candidate, references and original on the same neighbours; all of them learned these rows.
    """
    rows = probe_rows(manifest, [NEIGHBOUR])
    lines = []
    for arm, model in asked_of(models)[0].items():
        known = [int(exact_memorisation(scores) >= KNOWN) for scores in scored(model, rows, template)]
        lines.append(bits_line("scope.neighbours", arm, known, budget=KNOWN, tier="sealed"))
    return lines


def longest_run(hits: Sequence[bool]) -> int:
    """The most True in a row."""
    return max((sum(1 for _ in group) for hit, group in groupby(hits) if hit), default=0)


def passages_of(
    text: str, *, first_slot: int, prompt_words: int = 20, answer_words: int = 60, step_words: int = 60
) -> list[TextRow]:
    """A long text as rows: some words to begin with, and what follows them; an end too short for both is left out."""
    words = text.split()
    starts = range(0, len(words) - prompt_words - answer_words + 1, step_words)
    return [
        TextRow(
            first_slot + at,
            " ".join(words[start : start + prompt_words]),
            " ".join(words[start + prompt_words : start + prompt_words + answer_words]),
        )
        for at, start in enumerate(starts)
    ]


def chosen(model: LanguageModel, rows: Sequence[TextRow], template: Template) -> list[int]:
    """1 for each row whose right answer is the likeliest per token; a tie is half a success, so it counts as none."""
    pairs = [(row.prompt, answer) for row in rows for answer in (row.answer, *row.wrong)]
    options = encode_pairs(model.tokenizer, pairs, template=template, most_tokens=longest(model))
    nlls = iter([average_nll(scores) for scores in answer_scores(model.model, options)])
    return [int(next(nlls) < min(next(nlls) for _ in row.wrong)) for row in rows]


def scored(model: LanguageModel, rows: Sequence[TextRow], template: Template) -> list[AnswerScores]:
    return answer_scores(model.model, encoded(model, rows, template))


def encoded(model: LanguageModel, rows: Sequence[TextRow], template: Template) -> list[Encoded]:
    return encode(model.tokenizer, rows, template=template, most_tokens=longest(model))


def longest(model: LanguageModel) -> int:
    return int(model.model.config.max_position_embeddings)
