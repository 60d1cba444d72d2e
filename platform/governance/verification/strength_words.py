"""What the strength of each attack counts: a bare 0.05 may be a share of strangers, a distance or a probability."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.verification.measurement_words import PLANTED, tail_of


@dataclass(frozen=True)
class Strength:
    """unit: what stands behind one value or several; across: what is counted, as the words below an axis."""

    unit: str
    across: str
    as_share: bool = False
    one: str = ""  # the unit behind a single 1, where it differs

    def value(self, budget: float) -> str:
        return f"{budget:.0%}" if self.as_share else f"{budget:g}"


FLAGGED = Strength("of strangers flagged", "share of strangers who are flagged", as_share=True)
ANSWER = Strength("of the answer", "share of the answer that must follow", as_share=True)
WORDINGS = Strength("wordings", "wordings tried", one="wording")
TOKENS = Strength("tokens", "tokens searched for", one="token")
KNOWN_WORDS = Strength("of its words", "share of its words that must be known", as_share=True)
STEPS = Strength("steps", "steps of more training", one="step")
KNOWN: dict[str, Strength] = {
    "text.extraction": ANSWER,
    "text.memorisation": KNOWN_WORDS,
    "text.probability": Strength("probability", "least probability of the answer"),
    "text.truth_ratio": FLAGGED,
    "relearning.records": Strength("records shown", "records shown again", one="record shown"),
    "relearning.retain": STEPS,
    "relearning.benign": STEPS,
    "quantised.int8": ANSWER,
    "quantised.int4": ANSWER,
    "uma.text.paraphrase": WORDINGS,
    "uma.text.jailbreak": WORDINGS,
    "uma.text.suffix": TOKENS,
    "uma.text.soft": TOKENS,
    **{f"scope.{way}": ANSWER for way in ("paraphrase", "cloze", "jailbreak", "multi_hop")},
    "scope.verbatim": Strength("tokens in a row", "tokens in a row, word for word"),
    "scope.choice": Strength("options", "options to choose from"),
    "scope.neighbours": KNOWN_WORDS,
}
PLAIN = Strength("", "strength of the attack (budget)")


def strength_of(name: str) -> Strength:
    """How this measurement counts its strength; a distance in the attack's norm where nothing else is known."""
    kind, tail = tail_of(name.removeprefix(PLANTED))
    return FLAGGED if tail else KNOWN.get(kind, PLAIN)


def strength_words(name: str, budgets: Sequence[float]) -> str:
    """'5%, 10% of strangers flagged', '1 token', '0.1'."""
    counted = strength_of(name)
    unit = counted.one if counted.one and list(budgets) == [1] else counted.unit
    return f"{', '.join(map(counted.value, budgets))} {unit}".strip()
