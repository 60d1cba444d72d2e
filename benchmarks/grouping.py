"""What does spreading people over adapters cost, and what does it save? `python -m benchmarks.grouping`.

A small Llama that learned other made people stands as the base. Sixteen made authors are then learned by one LoRA
adapter, or spread over 2, 4 or 8, each trained alone with all others off and all summed when the model answers. The
same rank, step size and epochs for all: nothing was tuned for many adapters. What the model knows is asked of rows that
it learned, in their own words and in a paraphrase. Then one author asks, and leaves in three ways. Counts of row passes
and shares of probability; no times.
"""

import sys
from collections.abc import Sequence
from statistics import mean

from benchmarks import machine
from benchmarks.grouping_world import (
    AUTHORS,
    QUESTIONS,
    RANK,
    SETTINGS,
    Found,
    Known,
    Setting,
    World,
    flat,
    known,
    measured,
)
from benchmarks.pages import table, write

SEEDS, GROUPS = (0, 1, 2), (1, 2, 4, 8)


def rows_of(found: dict[int, list[Found]]) -> list[list[str]]:
    """A line for each number of adapters: mean over seeds, and each seed's figure."""
    lines = []
    for groups, each in found.items():
        columns = [[getattr(one.whole, name) for one in each] for name in Known.__dataclass_fields__]
        columns += [[one.own for one in each], [one.averaged for one in each], [one.shrunk for one in each]]
        lines.append([str(groups), *(with_seeds(values) for values in columns)])
    return lines


def erasures(found: dict[int, list[Found]]) -> list[list[str]]:
    lines = []
    for groups, each in found.items():
        first, (none, part, whole) = each[0], each[0].passes
        lines.append(
            [
                *(str(groups), f"{none}", f"{first.lost_rows}", with_seeds([one.companions_dropped for one in each])),
                with_seeds([one.others_dropped for one in each]) if groups > 1 else "nobody is left",
                *(f"{part} ({part / whole:.0%})", with_seeds([one.others_anew for one in each]), f"{whole}"),
            ]
        )
    return lines


def with_seeds(values: Sequence[float]) -> str:
    return f"{mean(values):.3f} ({' '.join(f'{value:.3f}' for value in values)})"


def lost(found: dict[int, list[Found]], groups: int, name: str) -> float:
    """How much less the model with several adapters knows than the one with one, mean over seeds."""
    return mean(
        getattr(one.whole, name) - getattr(several.whole, name)
        for one, several in zip(found[1], found[groups], strict=True)
    )


def page(measurements: dict[str, tuple[dict[int, list[Found]], list[Known]]], before: str) -> str:
    parts = [part(name, SETTINGS[name], *found) for name, found in measurements.items()]
    return f"""# What spreading people over adapters costs, and what it saves

{__doc__}
{machine.described(load_before=before)} {machine.versions("torch", "transformers", "peft")}. Seeds {SEEDS}; {AUTHORS}
authors of {QUESTIONS} rows; LoRA of rank {RANK} on all linear layers. Mean over seeds, and in brackets each of them.
Higher is more useful. *Own adapter alone*: each row is asked of the adapter that learned it, which needs somebody who
knows which. *Predictions averaged*: of all adapters, token by token, as SISA does with its shards; as many models run.
*Mean adapter*: the sum with each adapter scaled down by their number.

Row passes are rows times epochs. A drop passes over none, and the others of the group are then known only as far as the
base and the other adapters know them. Training the group's adapter anew loses nobody; the model is the one that whole
retraining gives, to the byte (`tests/language_scope/test_training_an_adapter_anew.py`), so its column stands for both.

{"".join(parts)}"""


def part(name: str, setting: Setting, found: dict[int, list[Found]], base: Sequence[Known]) -> str:
    bare = [with_seeds([getattr(one, field) for one in base]) for field in Known.__dataclass_fields__]
    head = ["adapters", "probability", "ROUGE-L recall", "probability, paraphrased", "ROUGE-L recall, paraphrased"]
    head += ["probability, own adapter alone", "probability, predictions averaged", "probability, mean adapter"]
    ways = [
        *("adapters", "passes of a drop", "rows of others that go", "probability of these", "of all others"),
        *("passes of training one anew", "probability of all who stay", "passes of retraining"),
    ]
    return f"""## {name}

The base learned {setting.others} other made people for at most {setting.base_epochs} epochs; adapters learn for
{setting.epochs} epochs at step size {setting.lr}.

{table(head, [["0 (the base)", *bare, "", "", ""], *rows_of(found)])}

{chr(10).join(words_of(found))}

One author asks:

{table(ways, erasures(found))}

"""


def words_of(found: dict[int, list[Found]]) -> list[str]:
    return [
        f"- {groups} adapters instead of one: probability {-lost(found, groups, 'probability'):+.3f}, ROUGE-L "
        f"{-lost(found, groups, 'rouge'):+.3f}; in a paraphrase {-lost(found, groups, 'paraphrased'):+.3f} and "
        f"{-lost(found, groups, 'paraphrased_rouge'):+.3f}."
        for groups in found
        if groups > 1
    ]


def measurement(
    setting: Setting, seeds: Sequence[int], counts: Sequence[int]
) -> tuple[dict[int, list[Found]], list[Known]]:
    found, base = {count: list[Found]() for count in counts}, list[Known]()
    for seed in seeds:
        world = World(seed, setting)
        base.append(known(world.base(), flat(world.people)))
        print(f"seed {seed}, base: {base[-1]}", flush=True)
        for groups in counts:
            found[groups].append(measured(world, groups))
            print(f"seed {seed}, {groups} adapters: {found[groups][-1]}", flush=True)
    return found, base


def main() -> None:
    quick = "--quick" in sys.argv
    seeds, counts = (SEEDS[:1], GROUPS[:2]) if quick else (SEEDS, GROUPS)
    before, done = machine.load(), dict[str, tuple[dict[int, list[Found]], list[Known]]]()
    for name, setting in SETTINGS.items():
        done[name] = measurement(setting, seeds, counts)
        if not quick:
            write("grouping.md", page(done, before))


if __name__ == "__main__":
    main()
