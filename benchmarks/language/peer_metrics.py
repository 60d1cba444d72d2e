"""Our metrics beside a peer's own: `python -m benchmarks.language.peer_metrics CHECKOUT --python ITS_PYTHON`.

Three small models are trained here (untouched, unlearned, retrained); the peer evaluates each by its own command, with
its own tokenization, in its own environment, and ours are computed here, on the same weights and rows. Writes the
largest difference of each metric to benchmarks/results/language-peer-metrics.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import machine, timing
from benchmarks.language.peer_folder import Peer, arguments, model_settings, write_model, write_rows
from benchmarks.language.peer_scores import LENIENT, OUR_MIA, UTILITY, Scores, apart, beside_retrained, ours, theirs
from benchmarks.language.peer_world import REFERENCES, RETRAINED, UNLEARNED, UNTOUCHED, Rows
from benchmarks.pages import table, write

CLOSE = 1e-3
MORE = ("exact_memorization", *OUR_MIA.values())  # beside those that its evaluation on TOFU has by default
SHOWN = (
    *("forget_Q_A_Prob", "forget_Q_A_ROUGE", "forget_truth_ratio", "extraction_strength", LENIENT),
    *("exact_memorization", "forget_quality", *OUR_MIA.values(), "privleak", "model_utility", *UTILITY),
)
Pair = tuple[Scores, Scores]  # the peer's and ours


def compared(peer: Peer, rows: Rows) -> dict[str, Pair]:
    """Both sides' figures of each model."""
    from benchmarks.language.peer_world import models

    write_rows(peer.folder, rows.splits())
    trained = models(rows)
    for name, lm in trained.items():
        write_model(peer.folder / name, lm)
    here = {name: ours(lm, trained[REFERENCES[name]], rows) for name, lm in trained.items()}
    found = {}
    for name in (RETRAINED, UNTOUCHED, UNLEARNED):  # the others are compared with what was found for the first
        if name != RETRAINED:
            beside_retrained(here[name], here[RETRAINED])
        peer.run("eval.py", settings(peer.folder, name))
        written = json.loads((_out(peer.folder, name) / "TOFU_EVAL.json").read_text())
        found[name] = (theirs(written), here[name])
    return found


def settings(folder: Path, name: str) -> list[str]:
    """The peer's own evaluation of this model, all metrics at its own settings."""
    logs = "null" if name == RETRAINED else f"{_out(folder, RETRAINED)}/TOFU_EVAL.json"
    return [
        "experiment=eval/tofu/default", f"task_name={name}", *model_settings(folder / name),
        "model.model_args.device_map=cpu", f"paths.output_dir={_out(folder, name)}", f"retain_logs_path={logs}",
        f"+eval/tofu_metrics=[{','.join(MORE)}]",
        f"eval.tofu.metrics.mia_reference.reference_model_path={folder / REFERENCES[name]}",
    ]  # fmt: skip


def lines(found: Mapping[str, Pair]) -> list[list[str]]:
    """A line for each metric: both figures of each model, and the largest differences."""
    rows = []
    for metric in SHOWN:
        both = {name: [side.whole[metric] for side in pair] for name, pair in found.items() if _has(pair, metric)}
        wholes = max(abs(one - other) for one, other in both.values())
        each = [apart(pair[0].each[metric], pair[1].each[metric]) for pair in found.values() if metric in pair[1].each]
        figures = [f"{both[name][0]:.6g} / {both[name][1]:.6g}" if name in both else "-" for name in found]
        # PrivLeak is a percentage; its difference is measured in the share that it is a hundred times of.
        close = wholes / (100 if metric == "privleak" else 1) <= CLOSE and max(each, default=0.0) <= CLOSE
        rows.append(
            [metric, *figures, f"{wholes:.1e}", f"{max(each):.1e}" if each else "-", "yes" if close else "**no**"]
        )
    return rows


def page(found: Mapping[str, Mapping[str, Pair]], counts: Mapping[str, str], *, libraries: str, on: str) -> str:
    """The whole of it in Markdown."""
    parts = [_HEAD.format(libraries=libraries, on=on)]
    for rows, models in found.items():
        head = ["metric", *(f"{name}: peer / ours" for name in models), "largest difference of a model's figure"]
        parts.append(f"## Rows: {rows}\n\n{counts[rows]}")
        parts.append(table([*head, "of a row's", f"within {CLOSE:g}"], lines(models)))
    return "\n\n".join([*parts, _FOOT]) + "\n"


_HEAD = """# Our metrics beside a peer's

`python -m benchmarks.language.peer_metrics CHECKOUT --python ITS_PYTHON [--data TOFU]`. {libraries} {on}

The peer's own evaluation command ran on each of three small models (untouched, unlearned by NPO, retrained), with its
own reading of the rows, tokenization and generation; ours in this process on the same weights. float32, one thread."""
_FOOT = f"""- *{LENIENT}*: where not even an answer's last token follows we say 0, which is the
  line `extraction_strength`; the peer's search for the first place ends one early, and it prints 1/T, T being the
  answer's tokens. With 1/T put in its place the figures are compared once more.
- Truth ratios: the peer adds 1e-10 to a probability, ours are differences of logarithms. A row where both answers have
  next to no probability can differ by that; forget quality then moves only if two rows change places.
- The membership columns are areas under the curve; their rows are the scores themselves. `privleak` is in percent, and
  counts as close within a thousandth of a whole. Without a retrained model to compare with, forget quality and PrivLeak
  have no figure for the retrained one.
- Made rows: authors whom nobody trained on stand in for real authors and world facts."""


def _has(pair: Pair, metric: str) -> bool:
    return all(metric in side.whole for side in pair)


def _out(folder: Path, name: str) -> Path:
    return folder / f"out-{name}"


def _counted(rows: Rows) -> str:
    splits = {"to forget": rows.forget, "to keep": rows.retain, "never seen": rows.holdout}
    general = {"on real authors": rows.real, "on the world": rows.world}
    return "Rows: " + ", ".join(f"{len(side)} {name}" for name, side in {**splits, **general}.items()) + "."


def main(given: Sequence[str] | None = None) -> None:
    """Compare on rows that are made here, and on TOFU's where they are given; write the page."""
    parser, load = arguments("python -m benchmarks.language.peer_metrics", str(__doc__)), machine.load()
    asked = parser.parse_args(given)
    timing.one_thread()
    from benchmarks.language import peer_world

    found: dict[str, Any] = {}
    counts: dict[str, str] = {}
    for rows in [peer_world.made(), *([peer_world.tofu(asked.data)] if asked.data else [])]:
        with TemporaryDirectory() as name:
            peer = Peer(asked.checkout, asked.python, Path(name))
            libraries = peer.described()
            found[rows.name], counts[rows.name] = compared(peer, rows), _counted(rows)
        for line in lines(found[rows.name]):
            print(*line, sep="  ", flush=True)
        on = machine.described(load_before=load)
        write("language-peer-metrics.md", page(found, counts, libraries=libraries, on=on))


if __name__ == "__main__":
    main()
