"""Tokenizers as strings of JSON, and one that is learned from texts.

A vocabulary learned from people is a trace of them that no unlearning touches: engines take a tokenizer as given, or
learn it from `authors.public_text`, never from the rows they train on (decision 0027).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerFast

from unlearning.runner.refusals import Refused

FORMAT = "obelus/tokenizer/1"
PAD, BOS, EOS, USER, ASSISTANT = "<|pad|>", "<|bos|>", "<|eos|>", "<|user|>", "<|assistant|>"
CHAT = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|user|>' if message['role'] == 'user' else '<|assistant|>' }}{{ message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_KEPT = ("bos_token", "eos_token", "pad_token", "unk_token", "chat_template", "model_max_length")


def trained_tokenizer(texts: Iterable[str], *, vocabulary: int) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer of at most `vocabulary` tokens; the same texts give the same tokenizer.

    Raises: Refused with VOCABULARY_TOO_SMALL.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    special = [PAD, BOS, EOS, USER, ASSISTANT]
    least = 256 + len(special)
    if vocabulary < least:
        raise Refused("VOCABULARY_TOO_SMALL", f"expected at least {least} tokens, got {vocabulary}.", "Ask for more.")
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=special, initial_alphabet=sorted(alphabet), show_progress=False
    )
    inner.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call] # left bare
        tokenizer_object=inner, pad_token=PAD, bos_token=BOS, eos_token=EOS, chat_template=CHAT
    )


def tokenizer_document(tokenizer: PreTrainedTokenizerFast) -> dict[str, Any]:
    """Everything that decides how a text becomes numbers, as one JSON object."""
    kept = {name: getattr(tokenizer, name, None) for name in _KEPT}
    named = {name: value for name, value in kept.items() if value is not None}
    return {"tokenizer": json.loads(tokenizer.backend_tokenizer.to_str()), **named}


def tokenizer_from(document: dict[str, Any]) -> PreTrainedTokenizerFast:
    """The tokenizer of such an object.

    Raises: Refused with TOKENIZER_UNREADABLE.
    """
    from tokenizers import Tokenizer

    try:
        inner = Tokenizer.from_str(json.dumps(document["tokenizer"]))
        named = {name: document[name] for name in _KEPT if name in document}
        return PreTrainedTokenizerFast(tokenizer_object=inner, **named)  # type: ignore[no-untyped-call] # left bare
    except Exception as error:  # the library raises bare Exception, whose text may quote the vocabulary
        raise _unreadable("expected the JSON of a fast tokenizer.") from error


def save_tokenizer(path: Path, tokenizer: PreTrainedTokenizerFast) -> None:
    """Write one canonical JSON file; equal tokenizers give equal bytes."""
    document = {"format": FORMAT, **tokenizer_document(tokenizer)}
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    path.write_text(text, encoding="utf-8")


def load_tokenizer(path: Path) -> PreTrainedTokenizerFast:
    """Read such a file.

    Raises: Refused with TOKENIZER_UNREADABLE.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
        if document.pop("format") != FORMAT:
            raise ValueError(FORMAT)
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise _unreadable(f"expected JSON of format {FORMAT}.") from error
    return tokenizer_from(document)


def _unreadable(what: str) -> Refused:
    return Refused("TOKENIZER_UNREADABLE", what, "Write it with save_tokenizer.")
