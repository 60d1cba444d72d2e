"""Texts as numbers: prompt, answer and end of sequence, with the place where the answer begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow

Template = Literal["plain", "chat"]
# Some chat templates print today's date: then the same spec would give other bytes tomorrow.
_FIXED_DATE = "01 Jan 2026"


@dataclass(frozen=True)
class Encoded:
    """One sequence. ids: all tokens, the end of sequence last; answer_at: index of the first answer token."""

    ids: tuple[int, ...]
    answer_at: int

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def answer(self) -> tuple[int, ...]:
        """The answer's tokens, end of sequence included."""
        return self.ids[self.answer_at :]


def encode(tokenizer: Any, rows: Sequence[TextRow], *, template: Template, most_tokens: int) -> list[Encoded]:
    """Encode prompt and answer of each row; nothing is ever cut.

    Raises: Refused with TEXT_TOO_LONG, TOKENIZER_WITHOUT_EOS, CHAT_TEMPLATE_MISSING or TEXT_WITH_SPECIAL_TOKEN.
    """
    pairs = [(row.prompt, row.answer) for row in rows]
    return encode_pairs(tokenizer, pairs, template=template, most_tokens=most_tokens)


def encode_pairs(
    tokenizer: Any, pairs: Sequence[tuple[str, str]], *, template: Template, most_tokens: int
) -> list[Encoded]:
    """The same for any prompts with any answers: paraphrases, restated and wrong answers. Raises: as `encode`."""
    found = []
    for prompt, answer in pairs:
        before = prompt_ids(tokenizer, prompt, template=template)
        found.append(Encoded((*before, *answer_ids(tokenizer, answer, template=template)), len(before)))
    if any(len(row) > most_tokens for row in found):
        raise Refused(
            "TEXT_TOO_LONG",
            f"expected at most {most_tokens} tokens in a row, one has more.",
            "Raise most_tokens or shorten the rows: a text cut silently would be forgotten in part only.",
        )
    return found


def readable(tokenizer: Any, prompt: str, *answers: str, template: Template, most_tokens: int) -> bool:
    """Whether a model can be asked this: a row's other wordings were never trained on, so nothing has checked them.

    What cannot be asked is left out: a refusal would be public, and would stop whoever verifies that the row is gone.
    """
    try:
        encode_pairs(tokenizer, [(prompt, one) for one in answers], template=template, most_tokens=most_tokens)
    except Refused as refusal:
        if refusal.code in ("TEXT_TOO_LONG", "TEXT_WITH_SPECIAL_TOKEN"):
            return False
        raise
    return True


def prompt_ids(tokenizer: Any, prompt: str, *, template: Template) -> list[int]:
    """What stands before the answer, as a model is asked.

    Raises: Refused with CHAT_TEMPLATE_MISSING or TEXT_WITH_SPECIAL_TOKEN.
    """
    if template == "plain":
        first = [] if tokenizer.bos_token_id is None else [int(tokenizer.bos_token_id)]
        return first + _letters(tokenizer, f"Question: {prompt}\nAnswer:")
    if not tokenizer.chat_template:
        raise Refused("CHAT_TEMPLATE_MISSING", "expected a chat template, found none.", "Use the template plain.")
    asked = [{"role": "user", "content": prompt}]
    text = tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True, date_string=_FIXED_DATE)
    steering = {token for token, added in tokenizer.added_tokens_decoder.items() if added.special}
    if steering & set(_ids(tokenizer, prompt)):
        raise Refused(
            "TEXT_WITH_SPECIAL_TOKEN",
            "expected words in a prompt, found a token that steers the chat.",
            "Take it out of the row, or use the template plain, which reads it letter by letter.",
        )
    return _ids(tokenizer, text)


def answer_ids(tokenizer: Any, answer: str, *, template: Template) -> list[int]:
    """The answer and the end of sequence.

    Raises: Refused with TOKENIZER_WITHOUT_EOS.
    """
    if tokenizer.eos_token_id is None:
        raise Refused("TOKENIZER_WITHOUT_EOS", "expected an end-of-sequence token.", "Give the tokenizer one.")
    text = f" {answer}" if template == "plain" else answer
    return [*_letters(tokenizer, text), int(tokenizer.eos_token_id)]


def _letters(tokenizer: Any, text: str) -> list[int]:
    """A person's text is text: what looks like a special token in it must not end an answer or open a turn."""
    found = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return [int(token) for token in found]


def _ids(tokenizer: Any, text: str) -> list[int]:
    return [int(token) for token in tokenizer(text, add_special_tokens=False)["input_ids"]]
