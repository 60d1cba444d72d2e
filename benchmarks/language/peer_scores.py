"""Our metrics under the peer's names, and how far they are from what the peer wrote of the same model and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.language.peer_world import Rows

MOST_NEW = 200  # tokens of a spoken answer: the peer's setting
PARAMS = {"template": "plain", "most_tokens": 512, "batch": 32, "most_new": MOST_NEW}
LENIENT = "extraction_strength, as the peer prints it"
OUR_MIA = {
    "loss": "mia_loss",
    "zlib": "mia_zlib",
    "reference": "mia_reference",
    "mink": "mia_min_k",
    "minkpp": "mia_min_k_plus_plus",
}
UTILITY = (
    *("retain_Q_A_Prob", "retain_Q_A_ROUGE", "retain_Truth_Ratio"),
    *("ra_Q_A_Prob_normalised", "ra_Q_A_ROUGE", "ra_Truth_Ratio"),
    *("wf_Q_A_Prob_normalised", "wf_Q_A_ROUGE", "wf_Truth_Ratio"),
)


@dataclass
class Scores:
    """whole: a figure for the model, by metric. each: a figure for each row, where both keep one."""

    whole: dict[str, float] = field(default_factory=dict)
    each: dict[str, list[float]] = field(default_factory=dict)


def ours(lm: Any, beside: Any, rows: Rows) -> Scores:
    """All metrics of one model; `beside` is the model that the reference attack compares it with."""
    from unlearning.verification.language import metrics
    from unlearning.verification.language.answers import answer_scores
    from unlearning.verification.language.knowledge import truth_sides
    from unlearning.verification.language.rouge import rouge_l_recall
    from unlearning.verification.language.speaking import spoken

    found, forget = Scores(), _probe(lm, rows.forget)
    scored = answer_scores(lm.model, forget.encoded)
    _row_by_row(found, "forget_Q_A_Prob", [metrics.probability(one) for one in scored])
    _row_by_row(found, "extraction_strength", [metrics.extraction_strength(one) for one in scored])
    _row_by_row(found, LENIENT, [metrics.extraction_strength_as_printed(one) for one in scored])
    _row_by_row(found, "exact_memorization", [metrics.exact_memorisation(one) for one in scored])
    said = spoken(lm, forget.encoded, most_new=MOST_NEW)
    recalls = [rouge_l_recall(row.answer, text) for row, text in zip(rows.forget, said, strict=True)]
    _row_by_row(found, "forget_Q_A_ROUGE", recalls)
    sides = truth_sides(lm, forget, template="plain", most_tokens=512, batch=32)
    found.each["forget_truth_ratio"] = [metrics.truth_ratio(right, wrong) for right, wrong in sides]
    found.whole["forget_truth_ratio"] = metrics.forget_truth_ratio(found.each["forget_truth_ratio"])
    _membership(found, lm, beside, rows)
    _useful(found, lm, rows)
    return found


def beside_retrained(found: Scores, retrained: Scores) -> None:
    """Forget quality and PrivLeak, which need the retrained model's own figures."""
    from unlearning.verification.language import metrics

    ratios = (one.each["forget_truth_ratio"] for one in (found, retrained))
    found.whole["forget_quality"] = metrics.forget_quality(*ratios)
    areas = (one.whole["mia_min_k"] for one in (found, retrained))
    found.whole["privleak"] = metrics.privacy_leak(next(areas), retrained=next(areas))


def theirs(written: Mapping[str, Any]) -> Scores:
    """The same out of the peer's file."""
    found = Scores({name: result["agg_value"] for name, result in written.items() if result["agg_value"] is not None})
    kept = {"forget_Q_A_Prob": "prob", "forget_Q_A_ROUGE": "rougeL_recall"}
    for name in ("forget_Q_A_Prob", "forget_Q_A_ROUGE", "forget_truth_ratio", "exact_memorization"):
        found.each[name] = _column(written[name]["value_by_index"], kept.get(name, "score"))
    strict = _column(written["extraction_strength"]["value_by_index"], "score")
    found.each["extraction_strength"] = found.each[LENIENT] = strict
    found.whole[LENIENT] = found.whole["extraction_strength"]
    for name in OUR_MIA.values():
        sides = (written[name][side]["value_by_index"] for side in ("forget", "holdout"))
        found.each[name] = [value for side in sides for value in _column(side, "score")]
    return found


def apart(one: Sequence[float], other: Sequence[float]) -> float:
    """The largest difference between two rows of figures."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _membership(found: Scores, lm: Any, beside: Any, rows: Rows) -> None:
    from unlearning.verification.language import membership_scores as scores
    from unlearning.verification.language.answers import answer_scores
    from unlearning.verification.language.speaking import answer_texts
    from unlearning.verification.members.curves import auc

    probes = [_probe(lm, side) for side in (rows.forget, rows.holdout)]
    own, other = ([answer_scores(model.model, probe.encoded) for probe in probes] for model in (lm, beside))
    texts = [answer_texts(lm, probe.encoded) for probe in probes]
    for kind, name in OUR_MIA.items():
        if kind == "reference":
            sides = [scores.beside_others(mine, [others]) for mine, others in zip(own, other, strict=True)]
        else:
            sides = [scores.own_scores(kind, mine, written) for mine, written in zip(own, texts, strict=True)]
        found.whole[name] = auc(*sides)
        # Ours are larger for members, the peer's smaller.
        found.each[name] = [-float(value) for side in sides for value in side]


def _useful(found: Scores, lm: Any, rows: Rows) -> None:
    from unlearning.verification.language import metrics
    from unlearning.verification.language.utility import known_by_options, shown

    parts = shown(lm, _probe(lm, rows.retain), PARAMS).parts
    for side in (rows.real, rows.world):
        parts += known_by_options(lm, _probe(lm, side), PARAMS)
    found.whole |= dict(zip(UTILITY, parts, strict=True))
    found.whole["model_utility"] = metrics.harmonic_mean(parts)


def _probe(lm: Any, rows: Sequence[Any]) -> Any:
    from unlearning.language.encoding import encode
    from unlearning.verification.language.arms import TextProbe

    return TextProbe(tuple(rows), tuple(encode(lm.tokenizer, rows, template="plain", most_tokens=512)))


def _row_by_row(found: Scores, name: str, values: Sequence[float]) -> None:
    found.each[name] = list(values)
    found.whole[name] = sum(values) / len(values)


def _column(by_index: Mapping[str, Mapping[str, Any]], key: str) -> list[float]:
    return [float(by_index[at][key]) for at in sorted(by_index, key=int)]
