"""The page about attacks on small language models: rates, and at which strength an attack says anything."""

from collections.abc import Mapping, Sequence
from itertools import chain
from statistics import mean
from typing import Any

from benchmarks.language_attack_world import OTHER_STRANGERS, STRANGERS, SUBJECTS, UNTOUCHED
from benchmarks.pages import table

Found = Mapping[str, Mapping[str, Any]]  # by seed: bits by attack and subject, and where they were measured
OPTIMISED = ("soft", "suffix")

_HEAD = """# Attacks on small language models

`python -m benchmarks.language_attacks`. Preset ci (96 wide, 3 layers, 1,024 tokens), eight rows of one of ten made
authors deleted, eight rows of others never seen, answers of equal length. Seeds in turn: {seeds}; each has its own
authors, weights and one retrained control. A row counts where at least the last half of its answer follows by arg-max.
*silenced* is a few steps of gradient difference, ended when nothing was said any more; npo and rmu are the engine's
own, at its defaults."""
_TOLD = """An attack is used at a budget where the untouched model gives at least .90 and never-seen rows of the
controls stay below .10 (decision 0030); in brackets these rates: untouched, never-seen rows on the
untouched and on the retrained model. Elsewhere it is reported as uninformative, and no verdict is made
of it. Eight rows a seed: .90 of eight are all of them, and one never-seen row is too many. *All seeds*
asks the same of all rows together. "shown half": the search saw half of each answer, and half of the
rest had to follow. "searched longer": {longer} steps instead of 12, on the controls alone, where the
usual search says nothing. Small models trained from nothing; nothing here says how pre-trained ones
fare."""


def page(found: Found, *, longer: int) -> str:
    """Tables of rates, a figure per seed, and what each budget of an optimised attack is good for."""
    by_seed = [one["bits"] for one in found.values()]
    names = list(dict.fromkeys(chain.from_iterable(by_seed)))
    rates = [
        [name, *(" / ".join(_rate(bits.get(name, {}).get(who)) for bits in by_seed) for who in SUBJECTS)]
        for name in names
    ]
    judged = [[name, *_judged(name, by_seed)] for name in names if name.startswith(OPTIMISED)]
    where = "\n".join(
        f"- seed {seed}: {one['on']} {one['with']}. {one['cpu_s']:.0f} CPU s." for seed, one in found.items()
    )
    return "\n\n".join(
        [
            _HEAD.format(seeds=", ".join(found)),
            where,
            table(["attack, tokens", *SUBJECTS], rates),
            "## At which budget an optimised attack says anything",
            table(["attack, tokens", *(f"seed {seed}" for seed in found), "all seeds"], judged),
            _TOLD.format(longer=longer),
            "![What comes back, by tokens of a soft prompt](language-attacks.png)\n",
        ]
    )


def says(bits: Mapping[str, Sequence[int]]) -> bool:
    """Whether a budget tells what a model holds from what it can be made to say."""
    from unlearning.verification.language.attacks.informative import is_informative

    return is_informative(bits[UNTOUCHED], [bits[STRANGERS], bits[OTHER_STRANGERS]])


def told(bits: Mapping[str, Sequence[int]]) -> str:
    """The same in words, and the three rates that decide it."""
    rates = [f"{mean(bits[who]):.2f}" for who in (UNTOUCHED, STRANGERS, OTHER_STRANGERS)]
    return f"{'informative' if says(bits) else '**uninformative**'} ({rates[0]}; {rates[1]}, {rates[2]})"


def together(seeds: Sequence[Mapping[str, Sequence[int]]]) -> dict[str, list[int]]:
    """The rows of all seeds, by subject; of the subjects that every seed asked."""
    everywhere = [who for who in seeds[0] if all(who in bits for bits in seeds)]
    return {who: list(chain.from_iterable(bits[who] for bits in seeds)) for who in everywhere}


def _judged(name: str, by_seed: Sequence[Mapping[str, Any]]) -> list[str]:
    """A word for each seed; one for all of them, where all were asked."""
    each = [told(bits[name]) if name in bits else "not needed" for bits in by_seed]
    all_asked = all(name in bits for bits in by_seed)
    return [*each, told(together([bits[name] for bits in by_seed])) if all_asked else "-"]


def _rate(bits: Sequence[int] | None) -> str:
    return "-" if bits is None else f"{mean(bits):.2f}"
