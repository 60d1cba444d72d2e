"""From how many erased texts on an honest candidate passes: `python -m benchmarks.batch_sizes [--quick]`.

Honest candidates are trainings that never held the texts, judged by the house's own rules beside other such trainings:
nothing is to be found, and what ends inconclusive ends so for want of rows. Beside it what the verdict itself says.
"""

import random
import sys
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from benchmarks import machine, timing
from benchmarks.pages import table, write
from governance.verification.power import Design, records_needed
from governance.verification.verdict import Rung, Utility, judge
from unlearning.language.authors import made_authors, public_text
from unlearning.language.models import LanguageModel, fresh_llama
from unlearning.language.tokenizers import trained_tokenizer
from unlearning.language.training import fit
from unlearning.texts import TextRow
from unlearning.verification.language.arms import LanguageModels
from unlearning.verification.language.assessing import assess

MARGINS, REFERENCES, LEVEL = (0.1, 0.2, 0.4), (1, 2, 4, 8), 0.05
QUESTIONS, LEARNED, ERASED, STRANGERS = 8, 8, 60, 30
TRAININGS, TRIALS, SHARE, RESAMPLES = 9, 20, 0.9, 100
SIZES = (4, 8, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 256, 320, 400)
BATTERY = {"text": ["text.extraction", "text.probability"], "membership": ["loss"]}
# The most that never-seen texts are taken for members at, and so the most undecided of these budgets.
RATE = 0.1
TESTS = 12


@dataclass(frozen=True)
class Bits:
    """By battery and budget and training: one bit for each erased text, and one for each stranger."""

    of: dict[tuple[str, float], tuple[list[list[int]], list[list[int]]]]

    def batteries(self, rows: list[int], candidate: int, references: list[int]) -> dict[str, list[Rung]]:
        """One verification: these rows, one training as the candidate, others beside it, an original that knew all."""
        found: dict[str, list[Rung]] = {}
        for (name, budget), (erased, strangers) in self.of.items():
            rung = Rung(
                budget=budget,
                a=[erased[candidate][row] for row in rows],
                b=[[erased[k][row] for row in rows] for k in references],
                c=strangers[candidate],
                d=[strangers[k] for k in references],
                e=[],
                p=[int(not name.endswith(".far"))] * len(rows),
            )
            found.setdefault(name, []).append(rung)
        return found


def measured(trainings: int) -> Bits:
    """Trainings of one recipe from different seeds; all of them are asked about texts that none of them held."""
    people = made_authors(authors=LEARNED + ERASED + STRANGERS, questions=QUESTIONS, seed=0)
    made = [list(author.rows) for author in people]
    learned, erased, strangers = made[:LEARNED], made[LEARNED:-STRANGERS], made[-STRANGERS:]
    trained = [a_training(list(chain(*learned)), seed) for seed in range(trainings)]
    models = LanguageModels(trained[0], trained[0], tuple(trained[1:]))
    asked = {**BATTERY, "kept_rows": 1, "most_new": 1}
    rows = {"forget": list(chain(*erased)), "retain": learned[0][:1], "holdout": list(chain(*strangers))}
    lines = [line for line in assess(models, **rows, params=asked) if line["budget"] is not None]
    keys = dict.fromkeys((line["name"], float(line["budget"])) for line in lines)
    return Bits({key: (arms(lines, key, "A", "B:"), arms(lines, key, "C", "D:")) for key in keys})


def a_training(rows: list[TextRow], seed: int) -> LanguageModel:
    lm = fresh_llama(trained_tokenizer(public_text(), vocabulary=600), width=32, layers=1, heads=2, seed=seed)
    fit(lm, rows, epochs=60, batch=8, lr=6e-3, weight_decay=0.01, until_nll=0.05, template="plain", seed=seed)
    print(f"training {seed} done", flush=True)
    return lm


def arms(lines: list[Any], key: tuple[str, float], first: str, others: str) -> list[list[int]]:
    here = {line["arm"]: line["per_record"] for line in lines if (line["name"], float(line["budget"])) == key}
    more = sorted((arm for arm in here if arm.startswith(others)), key=lambda arm: int(arm.removeprefix(others)))
    return [[int(bit) for bit in here[arm]] for arm in (first, *more)]


def outcomes(bits: Bits, *, rows: int, references: int, margin: float, trials: int) -> Counter[str]:
    """What the judge says of so many honest candidates at its first attempt."""
    rules = {"margin": margin, "level": LEVEL, "utility_floor": 0.5, "resamples": RESAMPLES, "seed": 1}
    rules |= {"references": references, "required": ["text.extraction"]}
    pool, trainings = (len(part) for part in (next(iter(bits.of.values()))[0][0], next(iter(bits.of.values()))[0]))
    found: Counter[str] = Counter()
    for trial in range(trials):
        draw = random.Random(f"{rows}/{references}/{margin}/{trial}")
        candidate, *others = draw.sample(range(trainings), 1 + references)
        chosen = draw.sample(range(pool), rows)
        useful = Utility(successes=400, trials=400)
        found[judge(bits.batteries(chosen, candidate, others), useful, rules).outcome] += 1
    return found


def smallest(bits: Bits, *, references: int, margin: float, trials: int) -> int | None:
    """The first size at which nine in ten passed, by halving; None where none of the sizes was enough."""
    tell = partial(outcomes, bits, references=references, margin=margin, trials=trials)
    low, high = -1, len(SIZES)
    while high - low > 1:
        middle = (low + high) // 2
        enough = tell(rows=SIZES[middle])["passed"] >= SHARE * trials
        low, high = (low, middle) if enough else (middle, high)
    print(f"margin {margin}, {references} references: {SIZES[high:][:1]}", flush=True)
    return SIZES[high] if high < len(SIZES) else None


def said(*, references: int, margin: float, attempt: int = 1) -> int | None:
    """What the verdict says: about one budget, the most undecided."""
    design = Design(records=2, references=references, level=LEVEL / 2**attempt, margin=margin, rate=RATE, tests=TESTS)
    return records_needed(design)


def rows_of(bits: Bits, trials: int) -> list[list[str]]:
    found = []
    for margin in MARGINS:
        cells = [
            f"{smallest(bits, references=k, margin=margin, trials=trials) or f'over {SIZES[-1]}'} "
            f"({said(references=k, margin=margin)}, {said(references=k, margin=margin, attempt=3)})"
            for k in REFERENCES
        ]
        found.append([f"{margin:.0%}", *cells])
    return found


def page(parts: list[list[str]], honest: Counter[str], *, trials: int, trainings: int, before: str) -> str:
    head = ["margin", *(f"{k} reference{'s' if k > 1 else ''}" for k in REFERENCES)]
    names = ", ".join(f"{name} {count}" for name, count in sorted(honest.items()))
    return f"""# How many erased texts an honest candidate needs to pass

Made by `python -m benchmarks.batch_sizes` on {machine.described(load_before=before)}

{trainings} trainings of one small language model (one layer, 32 wide, {LEARNED} made authors of {QUESTIONS} texts
learned by heart), from different seeds, none of which held the texts that are called erased here: an honest candidate
is one of them, its references are others, and there is nothing to find. Battery: extraction and
probability at three budgets each, membership by loss on both tails at three rates each; level {LEVEL:g}, first
attempt; {STRANGERS * QUESTIONS} never-seen texts. A cell is the smallest batch, of {", ".join(map(str, SIZES[:3]))} to
{SIZES[-1]} texts, of which at least {SHARE:.0%} of {trials} drawn verifications passed. In brackets what the verdict
itself says would do ("about"), at the first attempt and at the third of a ladder.

{table(head, parts)}

The number in brackets is about one budget, the most undecided one (strangers taken for members at {RATE:.0%}); to pass,
all {TESTS} must lie within the margin at once. Of {honest.total()} honest candidates with 20 texts, 2 references and a
margin of 10 %: {names}.
"""


def main() -> None:
    quick, before = "--quick" in sys.argv[1:], machine.load()
    timing.one_thread()
    trainings, trials = (9, 4) if quick else (TRAININGS, TRIALS)
    bits = measured(trainings)
    honest = outcomes(bits, rows=20, references=2, margin=0.1, trials=trials)
    write("batch-sizes.md", page(rows_of(bits, trials), honest, trials=trials, trainings=trainings, before=before))


if __name__ == "__main__":
    main()
