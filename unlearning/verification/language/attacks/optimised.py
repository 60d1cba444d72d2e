"""The optimised attacks beside their controls: hard suffixes and soft prompts, on texts of equal length.

What they find counts only at a budget where they recover what the original holds and not what nobody ever saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from unlearning.language.encoding import Encoded, Template
from unlearning.language.models import LanguageModel
from unlearning.verification.language.arms import LanguageModels, TextComparison
from unlearning.verification.language.attacks.alike import alike
from unlearning.verification.language.attacks.informative import is_informative, rate
from unlearning.verification.language.attacks.setting import Setting
from unlearning.verification.language.attacks.soft import soft_bits
from unlearning.verification.language.attacks.suffix import allowed_tokens, suffix_bits
from unlearning.verification.language.attacks.triggers import template_tail
from unlearning.verification.measurements import Measurement, bits_line, values_line


def optimised_lines(
    models: LanguageModels, data: TextComparison, how: Setting, *, name: str, prefix: str
) -> list[Measurement]:
    """For each budget the arms' bits, or the same for reading only, and what the controls gave: all of it sealed.

    Never-seen answers are cut to the lengths of the deleted ones, and the original decides whether a budget speaks.
    """
    deleted, unseen = alike(data.deleted.encoded, data.unseen.encoded)
    tail = template_tail(models.candidate.tokenizer, cast(Template, data.template))
    lines: list[Measurement] = []
    for tokens in (how.suffix if name == "uma.text.suffix" else how.soft).tokens:
        found: dict[str, list[int]] = {}
        for on_deleted, on_unseen, lm in models.named():
            attack = partial(_attacked, lm, name=name, tokens=tokens, how=how, tail=tail)
            found[on_deleted], found[on_unseen or _STRANGERS] = attack(deleted), attack(unseen)
        strangers = found.pop(_STRANGERS)
        lines += _written(found, strangers, name=f"{prefix}{name}", tokens=tokens)
    return lines


_STRANGERS = "the original on never-seen rows"


def _written(found: dict[str, list[int]], strangers: list[int], *, name: str, tokens: int) -> list[Measurement]:
    controls = [strangers, *(bits for arm, bits in found.items() if arm.startswith("D:"))]
    says = is_informative(found["P"], controls)
    lines = []
    for arm, bits in found.items():
        if not bits:
            continue
        if says:
            lines.append(bits_line(name, arm, bits, budget=float(tokens), tier="sealed"))
        else:
            told: dict[str, Any] = {"trials": len(bits), "value": rate(bits), "tier": "sealed"}
            lines.append(values_line(f"{name}.{tokens}.uninformative", arm, bits, **told))
    if strangers:
        told = {"trials": len(strangers), "value": rate(strangers), "tier": "sealed"}
        lines.append(values_line(f"{name}.{tokens}.strangers", "P", strangers, **told))
    return lines


def _attacked(
    lm: LanguageModel, rows: Sequence[Encoded], *, name: str, tokens: int, how: Setting, tail: int
) -> list[int]:
    if not rows:
        return []
    common: dict[str, Any] = {"tokens": tokens, "aim": how.aim, "tail": tail, "batch": how.batch, "seed": how.seed}
    if name == "uma.text.soft":
        return soft_bits(lm.model, rows, how=how.soft, **common)
    size = lm.model.get_input_embeddings().weight.shape[0]
    return suffix_bits(lm.model, rows, allowed_V=allowed_tokens(lm.tokenizer, size), how=how.suffix, **common)
