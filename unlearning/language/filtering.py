"""Input-based suppression: questions that touch what is to be forgotten get a refusal. Interim, and never erasure.

The model is not changed by one bit: it still holds everything, and whoever asks otherwise, writes the name otherwise,
or holds the weights gets it. So it is offered as the rung `filtered` only, with an end date, until the erasure is done;
after that date it serves nothing rather than everything. The filter holds no name: it knows keyed digests of words.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from unlearning.language.scope.forms import ForgetManifest, checked
from unlearning.runner.refusals import Refused

FORMAT = "obelus/filter/1"
RUNG = "filtered"
LONGEST_DAYS = 90
REFUSAL = "I cannot answer that."
MOST_WORDS = 6
# A single short word ("of", "Ann") would silence half of all questions; names of one word need this many letters.
FEWEST_LETTERS = 4
WORDS = (
    "Suppressed at the input, not erased: the model's weights still hold everything.",
    "Whoever asks in other words, spells a name otherwise, or holds the weights can bring it back.",
    "This is interim and ends on {until}; from the next day on nothing is served through this filter.",
)


@dataclass(frozen=True)
class Filter:
    """What may not be asked until a day. digests: of the names' words, keyed; lengths: in words."""

    until: date
    lengths: tuple[int, ...]
    digests: frozenset[str]

    @property
    def rung(self) -> str:
        """The only claim that it supports."""
        return RUNG

    def words(self) -> list[str]:
        """What a certificate or an answer to the person must say of it."""
        return [text.format(until=self.until.isoformat()) for text in WORDS]

    def suppresses(self, prompt: str, *, key: bytes) -> bool:
        """Whether the question names what is to be forgotten."""
        words = plain_words(prompt)
        return any(
            digest(words[at : at + length], key=key) in self.digests
            for length in self.lengths
            for at in range(len(words) - length + 1)
        )

    def document(self) -> dict[str, Any]:
        """obelus/filter/1: it names nobody, but whoever holds the key can test guesses on it; keep it with the key."""
        return {
            "format": FORMAT,
            "rung": RUNG,
            "until": self.until.isoformat(),
            "lengths": list(self.lengths),
            "digests": sorted(self.digests),
            "words": self.words(),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Filter:
        """Read a document.

        Raises: Refused with FILTER_UNREADABLE.
        """
        try:
            if document["format"] != FORMAT or document["rung"] != RUNG:
                raise ValueError
            until = date.fromisoformat(document["until"])
            return cls(until, tuple(map(int, document["lengths"])), frozenset(map(str, document["digests"])))
        except (KeyError, TypeError, ValueError) as error:
            raise Refused("FILTER_UNREADABLE", f"expected a document of {FORMAT}.", "Make the filter anew.") from error


def filter_for(manifest: ForgetManifest, *, today: date, until: date, key: bytes) -> Filter:
    """A filter for the names of a manifest, up to and including the day `until`.

    Raises: Refused with END_DATE_MISSING or NAMES_MISSING.
    """
    if not today <= until <= today + timedelta(days=LONGEST_DAYS):
        raise Refused(
            "END_DATE_MISSING",
            f"expected an end date within {LONGEST_DAYS} days from today: suppression is interim.",
            "Name the day by which the erasure will be done.",
        )
    names = list(names_of(manifest))
    if not names:
        raise Refused(
            "NAMES_MISSING",
            f"expected an alias of 1 to {MOST_WORDS} words, at least {FEWEST_LETTERS} letters in all; got none.",
            "Give the names that questions would use; without them nothing can be looked for.",
        )
    return Filter(until, tuple(sorted({len(name) for name in names})), frozenset(digest(n, key=key) for n in names))


def answered(
    prompt: str, ask: Callable[[str], str], suppressed_by: Sequence[Filter], *, today: date, key: bytes
) -> str:
    """The model's answer, or a refusal where a filter holds. `ask` is the model as it was.

    Raises: Refused with FILTER_EXPIRED: the end of an interim is the end of serving, not of filtering.
    """
    if any(today > one.until for one in suppressed_by):
        raise Refused(
            "FILTER_EXPIRED",
            "expected a filter within its end date; the model behind it still holds what was to be erased.",
            "Release the erased model, withdraw this one, or decide on a new end date.",
        )
    return REFUSAL if any(one.suppresses(prompt, key=key) for one in suppressed_by) else ask(prompt)


def names_of(manifest: ForgetManifest) -> Iterator[tuple[str, ...]]:
    for alias in manifest.aliases:
        words = tuple(plain_words(alias))
        if 1 <= len(words) <= MOST_WORDS and sum(map(len, words)) >= FEWEST_LETTERS:
            yield words


def plain_words(text: str) -> list[str]:
    """Words without case, accents, punctuation and a possessive s: "JOSÉ's" is "jose"."""
    letters = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.findall(r"[^\W_]+", re.sub(r"['\u2019]s\b", "", letters))


def digest(words: Sequence[str], *, key: bytes) -> str:
    return hmac.new(checked(key), f"{FORMAT}\0{' '.join(words)}".encode(), "sha256").hexdigest()
