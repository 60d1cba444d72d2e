"""One model asked for what it knows: probabilities and extraction of texts that were encoded once.

Imports torch: only the sequence of rounds, which runs on the engines themselves, may import this.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from demo.language.rounds import Retest, Signs, above, area, below, is_found, is_overdone, lower_threshold, threshold
from unlearning.language.encoding import Encoded, encode
from unlearning.language.models import LanguageModel
from unlearning.texts import TextRow
from unlearning.verification.language.answers import answer_scores
from unlearning.verification.language.metrics import extraction_strength, probability

TEMPLATE, MOST_TOKENS = "plain", 256
HALF = 0.5


@dataclass(frozen=True)
class Heard:
    """What one model says of some texts, text by text."""

    probabilities: list[float]
    strengths: list[float]

    @property
    def mean(self) -> float:
        return sum(self.probabilities) / len(self.probabilities)


def encoded(lm: LanguageModel, rows: Sequence[TextRow]) -> list[Encoded]:
    return encode(lm.tokenizer, rows, template="plain", most_tokens=MOST_TOKENS)


def hear(lm: LanguageModel, texts: Sequence[Encoded]) -> Heard:
    scores = answer_scores(lm.model, texts)
    return Heard([probability(one) for one in scores], [extraction_strength(one) for one in scores])


def signs_of(heard: Heard, strangers: Heard) -> Signs:
    """One request's texts against never-seen ones on the same model."""
    limit = threshold(strangers.probabilities)
    return Signs(
        probability=heard.mean,
        known=above(heard.probabilities, limit),
        lost=below(heard.probabilities, lower_threshold(strangers.probabilities)),
        extracted=sum(strength >= HALF for strength in heard.strengths),
        texts=len(heard.probabilities),
        area=area(heard.probabilities, strangers.probabilities),
    )


def retest(number: int, now: tuple[Heard, Heard], later: tuple[Heard, Heard]) -> Retest:
    """One request's re-test; each pair is what the model says of its texts, and of never-seen ones."""
    at_rest, after_steps = signs_of(*now), signs_of(*later)
    found = ""
    if is_found(after_steps, **_above(later[1])):
        found = "after retain-only steps"
    if is_found(at_rest, **_above(now[1])):
        found = "at rest"
    under = below(now[1].probabilities, lower_threshold(now[1].probabilities))
    overdone = is_overdone(at_rest, strangers_below=under, strangers=len(now[1].probabilities))
    return Retest(number, at_rest, after_steps, found, overdone)


def _above(strangers: Heard) -> dict[str, int]:
    values = strangers.probabilities
    return {"strangers_above": above(values, threshold(values)), "strangers": len(values)}
