"""Triggers: tokens that are put into a prompt so that an answer follows. Letters: B rows, N tokens of the trigger,
T tokens, K answer tokens of the batch, V vocabulary, D width.

A trigger stands where a user could write one: after the words of the prompt, before what the template adds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from unlearning.language.batching import collated
from unlearning.language.encoding import Encoded, Template, prompt_ids
from unlearning.language.scoring import body, head


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What a trigger is optimised on, and what counts.

    share: how much of the answer the search may look at; 1: all of it. opened: how much of what it did not look at (of
    the whole answer, where it looked at all) must follow by arg-max, to the end. Measured in decision 0030: on small
    models a trigger that saw all of a never-seen text still could not force it, and one that saw a part of a known text
    spoilt the rest.
    """

    share: float = 1.0
    opened: float = 0.5


@dataclass(frozen=True)
class Placed:
    """Rows with room for a trigger. rows: token 0 stands in for it; places: where, int64 (B, N)."""

    rows: tuple[Encoded, ...]
    places: Tensor

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, first: int, last: int) -> Placed:
        """Some of them."""
        return Placed(self.rows[first:last], self.places[first:last])


def template_tail(tokenizer: Any, template: Template) -> int:
    """How many tokens the template adds after the words of a prompt: what two unlike prompts end in alike."""
    one, other = (prompt_ids(tokenizer, text, template=template) for text in ("Who is it?", "Tell me more."))
    same = 0
    while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
        same += 1
    return same


def placed(rows: Sequence[Encoded], *, tokens: int, tail: int) -> Placed:
    """Make room for so many tokens, `tail` tokens before each answer."""
    made, places = [], []
    for row in rows:
        at = row.answer_at - tail
        made.append(Encoded((*row.ids[:at], *([0] * tokens), *row.ids[at:]), row.answer_at + tokens))
        places.append(list(range(at, at + tokens)))
    return Placed(tuple(made), torch.tensor(places, dtype=torch.int64).reshape(len(made), tokens))


def seen_part(row: Encoded, aim: Aim) -> Encoded:
    """What the search may look at."""
    length = len(row.answer)
    seen = length if aim.share >= 1 else max(1, min(length - 1, round(aim.share * length)))
    return Encoded(row.ids[: row.answer_at + seen], row.answer_at)


def losses(model: nn.Module, rows: Placed, trigger_BND: Tensor) -> Tensor:
    """Mean -log p per answer token of each row (B,), with gradients to the trigger."""
    logits_KV, targets_K, owner_K = _logits(model, rows, trigger_BND)
    each_K = functional.cross_entropy(logits_KV.float(), targets_K, reduction="none")
    sums_B = each_K.new_zeros(len(rows)).index_add(0, owner_K, each_K)
    return sums_B / torch.bincount(owner_K, minlength=len(rows))


@torch.no_grad()
def opened(model: nn.Module, rows: Sequence[Encoded], trigger_BND: Tensor, *, aim: Aim, tail: int) -> list[int]:
    """Per row 1 where, with its trigger, the part that must follow follows by arg-max."""
    whole = placed(rows, tokens=trigger_BND.shape[1], tail=tail)
    logits_KV, targets_K, owner_K = _logits(model, whole, trigger_BND)
    right_K = logits_KV.argmax(1) == targets_K
    bits = []
    for at, row in enumerate(rows):
        seen = 0 if aim.share >= 1 else len(seen_part(row, aim).answer)
        bits.append(int(right_to_the_end(right_K[owner_K == at][seen:]) >= aim.opened))
    return bits


def right_to_the_end(right_T: Tensor) -> float:
    """Extraction strength: the longest run of right tokens that reaches the end, as a share; 0 for no tokens."""
    length = len(right_T)
    wrong = (~right_T).nonzero()
    return 0.0 if not length else 1.0 - (int(wrong[-1]) + 1 if len(wrong) else 0) / length


def in_parts(rows: int, *, batch: int) -> list[tuple[int, int]]:
    """(first, last) of each part of at most `batch` rows."""
    return [(at, min(at + batch, rows)) for at in range(0, rows, batch)]


def frozen(model: nn.Module) -> Callable[[], None]:
    """Let no weight collect gradients; call what comes back to have it as it was."""
    were = [(weights, weights.requires_grad) for weights in model.parameters()]
    for weights, _ in were:
        weights.requires_grad_(False)

    def undo() -> None:
        for weights, needed in were:
            weights.requires_grad_(needed)

    return undo


def _logits(model: nn.Module, rows: Placed, trigger_BND: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    batch = collated(rows.rows).to(trigger_BND.device)
    embedded_BTD = model.get_input_embeddings()(batch.ids_BT)  # type: ignore[operator] # transformers has it untyped
    owners_B1 = torch.arange(len(rows), device=trigger_BND.device)[:, None]
    where = (owners_B1, rows.places.to(trigger_BND.device))
    embedded_BTD = embedded_BTD.index_put(where, trigger_BND.to(embedded_BTD.dtype))
    run = body(model)(inputs_embeds=embedded_BTD, attention_mask=batch.mask_BT, use_cache=False)
    before_BT = batch.answers_BT[:, 1:]
    logits_KV = head(model)(run.last_hidden_state[:, :-1][before_BT])
    return logits_KV, batch.ids_BT[:, 1:][before_BT], before_BT.nonzero()[:, 0]
