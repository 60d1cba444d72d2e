"""Words cut to their stems (Porter, "An algorithm for suffix stripping", 1980), amended as published ROUGE figures are.

Those come from the stemmer of the Natural Language Toolkit, which mends Porter's rules in places: "ie" kept in words of
four letters, "y" after a consonant only, a few more suffixes, and a table of words that the rules get wrong. Without
the same amendments a score would differ from everybody else's in the second digit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

Rule = tuple[str, str]
_MADE: dict[str, tuple[str, ...]] = {
    "sky": ("sky", "skies"),
    "die": ("dying",),
    "lie": ("lying",),
    "tie": ("tying",),
    "news": ("news",),
    "inning": ("innings", "inning"),
    "outing": ("outings", "outing"),
    "canning": ("cannings", "canning"),
    "howe": ("howe",),
    "proceed": ("proceed",),
    "exceed": ("exceed",),
    "succeed": ("succeed",),
}
_KNOWN = {word: stem for stem, words in _MADE.items() for word in words}
_SECOND: tuple[Rule, ...] = (
    *(("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble")),
    *(("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate")),
    *(("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al")),
    *(("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful")),
)
_THIRD: tuple[Rule, ...] = (
    *(("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")),
)
_FOURTH = (
    *(
        "al",
        "ance",
        "ence",
        "er",
        "ic",
        "able",
        "ible",
        "ant",
        "ement",
        "ment",
        "ent",
        "ion",
        "ou",
        "ism",
        "ate",
        "iti",
    ),
    *("ous", "ive", "ize"),
)


def stem(word: str) -> str:
    """The stem of a word in small letters."""
    if word in _KNOWN:
        return _KNOWN[word]
    if len(word) <= 2:
        return word
    for step in (_plural, _past, _final_y, _second, _third, _fourth, _final_e, _double_l):
        word = step(word)
    return word


def _plural(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + ("ie" if len(word) == 4 else "i")
    if word.endswith("sses"):
        return word[:-2]
    return word if word.endswith("ss") or not word.endswith("s") else word[:-1]


def _past(word: str) -> str:
    if word.endswith("ied"):
        return word[:-3] + ("ie" if len(word) == 4 else "i")
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for suffix in ("ed", "ing"):
        if word.endswith(suffix) and _has_vowel(word[: -len(suffix)]):
            return _mended(word[: -len(suffix)])
    return word


def _mended(rest: str) -> str:
    """What is left when "ed" or "ing" is gone, made a word again: hop(p), fil(e)."""
    if rest.endswith(("at", "bl", "iz")):
        return rest + "e"
    if _ends_double(rest):
        return rest if rest[-1] in "lsz" else rest[:-1]
    return rest + "e" if _measure(rest) == 1 and _ends_short(rest) else rest


def _final_y(word: str) -> str:
    turns = word.endswith("y") and len(word) > 2 and _is_consonant(word, len(word) - 2)
    return word[:-1] + "i" if turns else word


def _second(word: str) -> str:
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        return _second(word[:-2])
    if word.endswith("logi") and not word.endswith(tuple(suffix for suffix, _ in _SECOND)):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    return _replaced(word, _SECOND, lambda rest: _measure(rest) > 0)


def _third(word: str) -> str:
    return _replaced(word, _THIRD, lambda rest: _measure(rest) > 0)


def _fourth(word: str) -> str:
    for suffix in _FOURTH:
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            goes = _measure(rest) > 1 and (suffix != "ion" or rest[-1] in "st")
            return rest if goes else word
    return word


def _final_e(word: str) -> str:
    if not word.endswith("e"):
        return word
    rest = word[:-1]
    goes = _measure(rest) > 1 or (_measure(rest) == 1 and not _ends_short(rest))
    return rest if goes else word


def _double_l(word: str) -> str:
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


def _replaced(word: str, rules: Sequence[Rule], may: Callable[[str], bool]) -> str:
    """The first suffix that fits decides, whether it may go or not."""
    for suffix, instead in rules:
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            return rest + instead if may(rest) else word
    return word


def _is_consonant(word: str, at: int) -> bool:
    if word[at] == "y":
        return at == 0 or not _is_consonant(word, at - 1)
    return word[at] not in "aeiou"


def _measure(rest: str) -> int:
    """How often a consonant follows a vowel: the m of Porter's [C](VC)^m[V]."""
    kinds = [_is_consonant(rest, at) for at in range(len(rest))]
    return sum(1 for before, here in zip(kinds, kinds[1:], strict=False) if here and not before)


def _has_vowel(rest: str) -> bool:
    return any(not _is_consonant(rest, at) for at in range(len(rest)))


def _ends_double(rest: str) -> bool:
    return len(rest) > 1 and rest[-1] == rest[-2] and _is_consonant(rest, len(rest) - 1)


def _ends_short(rest: str) -> bool:
    """Consonant, vowel, consonant that is no w, x or y; or just a vowel and a consonant."""
    kinds = [_is_consonant(rest, at) for at in range(len(rest))]
    if len(rest) == 2:
        return not kinds[0] and kinds[1]
    return len(rest) > 2 and kinds[-3] and not kinds[-2] and kinds[-1] and rest[-1] not in "wxy"
