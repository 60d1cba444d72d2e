"""The page: figures as tables, and beside them what they mean and what was not run."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks import timing
from benchmarks.language.material import HEAVY, STUDY
from benchmarks.pages import table

AIM = 1.6  # times the plain loop's steps

_NOT_RUN_GPU = (
    "**NOT RUN**: no CUDA on this machine. `python -m benchmarks.language.gpu` measures tokens per second, peak memory"
    " and model-FLOPs utilisation at 1.24 thousand million random weights in bfloat16, full and LoRA,"
    " where there is one."
)
_PEER = (
    "[open-unlearning](language-peer.md) on the same rows, in an environment of its own with other versions of the"
    " libraries: `python -m benchmarks.language.peer CHECKOUT --python ITS_PYTHON`. Its metrics beside ours:"
    " [language-peer-metrics.md](language-peer-metrics.md)."
)


_HEAD = """# What unlearning in a language model costs

`python -m benchmarks.language`: one thread; contestants in turn, medians with extremes in brackets. {versions}.

Times are CPU seconds of the process: the machine was shared with other work, and the clock on the wall would count it.
Only ratios within a line mean something."""


def page(found: dict[str, Any]) -> str:
    """The whole of it in Markdown; a part that was not measured says so."""
    titles: dict[str, tuple[str, Callable[[Any], str]]] = {
        "speed": ("NPO against a plain loop", _speed),
        "memory": ("Peak memory", _memory),
        "requests": ("Many requests in one run", _requests),
        "processes": ("One process and two", _processes),
        "gpu": ("A GPU", lambda runs: _gpu(runs) if runs else _NOT_RUN_GPU),
    }
    parts = [_HEAD.format(versions=found["versions"])]
    for name, (title, shown) in titles.items():
        said = f"{found['machine'][name]}\n\n{shown(found[name])}" if name in found else "**NOT RUN** yet."
        parts.append(f"## {title}\n\n{said}")
    return "\n\n".join([*parts, f"## A peer\n\n{_PEER}"]) + "\n"


def _speed(lines: list[dict[str, Any]]) -> str:
    head = ["rows", "plain, ms a step", "ours, ms a step", "plain / ours", "ours with every look, ms", "padding, plain"]
    rows = [
        [
            one["material"],
            timing.shown(one["plain"], per=one["steps"]),
            timing.shown(one["ours"], per=one["steps"]),
            "**" + timing.ratio_shown(one["plain"], one["ours"]) + "**",
            timing.shown(one["watched"], per=one["steps"]),
            f"{one['padding_plain']:.1%} (ours {one['padding_ours']:.1%})",
        ]
        for one in lines
    ]
    reached = [one["material"] for one in lines if timing.ratio(one["plain"], one["ours"]) >= AIM]
    return table(head, rows) + (
        f"\n\n- The aim is {AIM}: "
        + (f"reached on {', '.join(reached)}." if reached else "**missed on all rows.**")
        + "\n"
        f"- Both: a Llama of the {STUDY.name} preset ({STUDY.width} wide, {STUDY.layers} layers), random"
        f" weights, 20"
        " rows to forget and 180 to keep, 8 of each a step, AdamW, float32. All run at once and"
        " go on by turns, an epoch of three steps each; what comes before the second epoch (copying,"
        " encoding, filling the cache) does not count.\n"
        "- Plain (`benchmarks/language/plain.py`): a second model as the reference, logits at every"
        " position, batches in"
        " random order. Ours: the engine's own loop, reference cached, head on answer tokens, batches of"
        " like lengths, no mask, AdamW in one kernel.\n"
        "- Where prompts are long beside answers, as in the short made rows, less can be saved: the second"
        " model is 1 of"
        " 7 units of work, the head a fifth, and equal lengths leave no padding to save.\n"
        "- *With every look*: the engine scores the rows to forget and the holdout after steps near the target, and the"
        " rows to keep every fifth step. That is the price of stopping at the target, paid at its worst here: random"
        " weights are near it from the start. The plain loop never looks."
    )


def _memory(found: dict[str, dict[str, int]]) -> str:
    over = {name: peak["peak"] - peak["base"] for name, peak in found.items()}
    rows = [[name, f"{value / 1e6:.0f} MB", f"{value / over['one model']:.2f}"] for name, value in over.items()]
    return table(["", "peak over the base", "in times of one model"], rows) + (
        f"\n\nEach in a process of its own; a Llama {HEAVY.width} wide with {HEAVY.layers} layers, where"
        f" weights outweigh"
        " what a pass holds. One model: three steps of training with AdamW. Ours: three steps of NPO with"
        " all looks, best"
        " state and curves. Plain: as above, with its second model. The base is Python with torch and transformers."
    )


def _requests(lines: list[dict[str, Any]]) -> str:
    alone = lines[0]
    rows = [
        [
            str(one["together"]),
            timing.shown(one["seconds"], per=one["steps"] * one["together"]),
            f"{_each(one) / _each(alone):.2f}",
            f"{(3 + 3 / one['together']) / 6:.2f}",
        ]
        for one in lines
    ]
    head = ["requests in one run", "CPU ms a step and request", "in times of one alone", "by counting passes"]
    return table(head, rows) + (
        "\n\nOne author of 20 rows a request; all share the pass over the rows to keep, and the optimizer's step, which"
        " counting passes leaves out. Authors' answers differ in length, so these are not the same rows line by line:"
        " the figures say that batching pays, not that it pays more than passes can explain."
    )


def _each(one: dict[str, Any]) -> float:
    return float(median(one["seconds"])) / int(one["together"])


def _processes(runs: list[dict[str, Any]]) -> str:
    rows = [
        [
            str(count),
            timing.shown([run["wall_s"] for run in runs if run["processes"] == count]),
            timing.shown([run["cpu_s"] for run in runs if run["processes"] == count]),
        ]
        for count in (1, 2)
    ]
    return table(["processes", "wall ms a step", "CPU ms a step, all processes"], rows) + (
        "\n\n`torchrun` on the machine's own cores, gloo, 16 rows a step in all, study preset. The wall is information"
        " only: the other work on the machine had more processes waiting than there are cores."
    )


def _gpu(found: list[dict[str, Any]]) -> str:
    rows = [
        [
            one["what"],
            f"{one['tokens_per_s']:.0f}",
            f"{one['peak_bytes'] / 2**30:.1f} GiB",
            "unknown GPU" if one["utilisation"] is None else f"{one['utilisation']:.1%}",
        ]
        for one in found
    ]
    return table(["weights", "tokens a second", "peak memory", "model-FLOPs utilisation"], rows)
