"""What a step costs a peer on the same rows: `python -m benchmarks.language.peer CHECKOUT --python ITS_PYTHON`.

The peer's own NPO, its settings made ours, runs for few and for many steps; CPU seconds of the difference are steps
without start-up. Ours and the plain loop run in between, in this process. Writes benchmarks/results/language-peer.md.
"""

from __future__ import annotations

import resource
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import machine, timing
from benchmarks.language.peer_folder import Peer, arguments, model_settings, write_model, write_rows
from benchmarks.pages import table, write

FEW, MANY = 30, 120
Times = dict[str, list[float]]  # CPU seconds a step, by contestant, a figure a turn


def measured(peer: Peer, material: Any, *, repeats: int) -> Times:
    """CPU seconds of a step, each contestant in every turn."""
    from benchmarks.language import speed
    from benchmarks.language.material import STUDY, model

    write_model(peer.folder / "model", model(material, STUDY))
    write_rows(peer.folder, {"forget10": material.forget, "retain90": material.retain})
    times: Times = {"open-unlearning": [], "plain loop": [], "ours": []}
    for _ in range(repeats):
        few, many = (_spent(peer, steps) for steps in (FEW, MANY))
        times["open-unlearning"].append((many - few) / (MANY - FEW))
        here = speed.measured(material, repeats=1)
        times["plain loop"].append(statistics.median(here.plain) / here.steps)
        times["ours"].append(statistics.median(here.ours) / here.steps)
    return times


def settings(folder: Path, steps: int) -> list[str]:
    """The peer's own door, its settings made ours: fp32 on a CPU, batch 8, no accumulation, no evaluation.

    Without `warmup_epochs=0` it divides by the number of its GPUs, none; its optimizer's default needs one.
    """
    from benchmarks.language.plain import BETA, LR

    return [
        "--config-name=unlearn.yaml", "experiment=unlearn/tofu/default", "trainer=NPO", f"task_name=steps-{steps}",
        f"paths.output_dir={folder}/out-{steps}", *model_settings(folder / "model"),
        f"trainer.method_args.beta={BETA}", f"trainer.args.learning_rate={LR}", f"+trainer.args.max_steps={steps}",
        "trainer.args.weight_decay=0.0", "trainer.args.warmup_epochs=0", "trainer.args.optim=adamw_torch",
        "trainer.args.gradient_accumulation_steps=1", "trainer.args.bf16=False", "trainer.args.bf16_full_eval=False",
        "trainer.args.do_eval=False", "trainer.args.eval_on_start=False", "trainer.args.eval_strategy=no",
        "trainer.args.report_to=none", "+trainer.args.use_cpu=True",
    ]  # fmt: skip


def page(found: Mapping[str, Times], *, libraries: str, on: str) -> str:
    """The table, and what is compared."""
    names = list(next(iter(found.values())))
    rows = [
        [
            what,
            *(timing.shown(times[name]) for name in names),
            "**" + timing.ratio_shown(times["open-unlearning"], times["ours"]) + "**",
        ]
        for what, times in found.items()
    ]
    head = ["rows", *(f"{name}, CPU ms a step" for name in names), "open-unlearning / ours"]
    return f"""# A step of NPO beside a peer's

`python -m benchmarks.language.peer CHECKOUT --python ITS_PYTHON`: one thread, float32, medians with extremes in
brackets. {libraries} {on}

{table(head, rows)}

- Same rows (20 to forget, 180 to keep), same random weights of a Llama of the study preset, 8 of each a step, AdamW at
  the same rate, beta {_beta()}. The peer runs by its own command, nothing of it is imported or copied here.
- The peer's figure is CPU seconds of {MANY} steps less those of {FEW}, so start-up does not count; the others are
  epochs in turn, as in [language-speed.md](language-speed.md), between one of the peer's turns and the next.
- The plain loop is ours (`benchmarks/language/plain.py`) with our libraries: what of the distance between the peer and
  ours is libraries and trainer, and what is the method's own passes, can be read off its column.
- Retained rows come in other random orders, and ours puts rows of like length together.
"""


def _beta() -> float:
    from benchmarks.language.plain import BETA

    return BETA


def _spent(peer: Peer, steps: int) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    peer.run("train.py", settings(peer.folder, steps))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(given: Sequence[str] | None = None) -> None:
    """Measure on rows of TOFU's length, and on TOFU's own where they are given; write the page."""
    parser = arguments("python -m benchmarks.language.peer", str(__doc__))
    parser.add_argument("--repeats", type=int, default=3)
    asked, load = parser.parse_args(given), machine.load()
    timing.one_thread()
    from benchmarks.language import material

    found: dict[str, Times] = {}
    for rows in [material.made_long(), *([material.tofu(asked.data)] if asked.data else [])]:
        with TemporaryDirectory() as name:
            peer = Peer(asked.checkout, asked.python, Path(name))
            libraries = peer.described()
            found[rows.name] = measured(peer, rows, repeats=asked.repeats)
        print(rows.name, {who: timing.shown(seconds) for who, seconds in found[rows.name].items()}, flush=True)
    write("language-peer.md", page(found, libraries=libraries, on=machine.described(load_before=load)))


if __name__ == "__main__":
    main()
