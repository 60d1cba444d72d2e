"""What a model answers when it is asked: greedy decoding, many prompts at once. Nothing of it is ever logged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from unlearning.language.encoding import Encoded
    from unlearning.language.models import LanguageModel


def spoken(lm: LanguageModel, encoded: Sequence[Encoded], *, most_new: int, batch: int = 64) -> list[str]:
    """The likeliest answer, token by token, to each prompt, without special tokens; at most `most_new` tokens."""
    order = sorted(range(len(encoded)), key=lambda at: (encoded[at].answer_at, at))
    found: dict[int, str] = {}
    for first in range(0, len(order), batch):
        places = order[first : first + batch]
        prompts = [encoded[at].ids[: encoded[at].answer_at] for at in places]
        found |= zip(places, _continued(lm, prompts, most_new), strict=True)
    return [found[at] for at in range(len(encoded))]


def answer_texts(lm: LanguageModel, encoded: Sequence[Encoded]) -> list[str]:
    """The answers themselves, as the tokenizer gives them back."""
    texts: list[str] = lm.tokenizer.batch_decode([list(each.answer) for each in encoded], skip_special_tokens=True)
    return texts


def _continued(lm: LanguageModel, prompts: Sequence[tuple[int, ...]], most_new: int) -> list[str]:
    from transformers import GenerationConfig

    width, end = max(map(len, prompts)), lm.tokenizer.eos_token_id
    device = next(lm.model.parameters()).device
    ids_BT = torch.full((len(prompts), width), end, dtype=torch.int64)
    mask_BT = torch.zeros_like(ids_BT)
    # Padded on the left: what is generated must follow the prompt.
    for at, prompt in enumerate(prompts):
        ids_BT[at, width - len(prompt) :] = torch.tensor(prompt)
        mask_BT[at, width - len(prompt) :] = 1
    how = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False, max_new_tokens=most_new, eos_token_id=end, pad_token_id=end
    )
    with torch.no_grad():
        said_BT = lm.model.generate(
            input_ids=ids_BT.to(device), attention_mask=mask_BT.to(device), generation_config=how
        )
    answers = [_until(end, row) for row in said_BT[:, width:].tolist()]
    texts: list[str] = lm.tokenizer.batch_decode(answers, skip_special_tokens=True)
    return texts


def _until(end: int, tokens: list[int]) -> list[int]:
    return tokens[: tokens.index(end)] if end in tokens else tokens
