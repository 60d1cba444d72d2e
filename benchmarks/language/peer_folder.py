"""What a peer is given and how it is started: models, rows, its own commands; nothing of it is imported or copied here.

The peer is a working copy of locuslab/open-unlearning (written against commit d3d7cf9e). It looks for rows under the
name locuslab/TOFU, and a folder of that name beneath its working folder is found before any network.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks import timing
from unlearning.language.tokenizers import BOS
from unlearning.texts import TextRow

WRITTEN_FOR = "d3d7cf9e"
PACKAGES = ("torch", "transformers", "accelerate", "datasets")
NEEDS = f"""CHECKOUT is a working copy of locuslab/open-unlearning (tried with commit {WRITTEN_FOR}), PYTHON the
interpreter of an environment of its own with torch, transformers 4.45, accelerate 0.34, datasets 3.0, hydra-core 1.3,
hydra-colorlog, rouge-score, scikit-learn and scipy. The peer imports deepspeed and lm-eval even where it never uses
them: on a CPU it is enough that the names can be imported (deepspeed; HFLM of lm_eval.models.hf_vlms, TaskManager of
lm_eval.tasks and simple_evaluate of lm_eval), so empty stand-ins in that environment do."""


def arguments(prog: str, about: str) -> argparse.ArgumentParser:
    """The arguments that every comparison takes."""
    parser = argparse.ArgumentParser(
        prog=prog, description=about, epilog=NEEDS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkout", type=Path, metavar="CHECKOUT")
    parser.add_argument("--python", type=Path, required=True, help="the interpreter of the peer's environment")
    parser.add_argument("--data", type=Path, help="a folder with TOFU's files; without it, rows that are made here")
    return parser


class Peer:
    """A checkout and the interpreter that runs it, in a folder of its own where it leaves what it writes."""

    def __init__(self, checkout: Path, python: Path, folder: Path) -> None:
        """Raises: SystemExit with what is missing."""
        if not (checkout / "src" / "train.py").is_file() or not python.is_file():
            raise SystemExit(f"NOT RUN: expected a checkout with src/train.py and an interpreter.\n{NEEDS}")
        # Not resolved: an environment's interpreter is a link, and what it links to knows none of its packages.
        self.checkout, self.python, self.folder = checkout.resolve(), python.absolute(), folder

    def run(self, script: str, settings: Sequence[str]) -> None:
        """One of its commands, to its end.

        Raises: SystemExit with the last lines of what it said, and what an environment needs.
        """
        command = [str(self.python), str(self.checkout / "src" / script), *settings]
        log = self.folder / "peer.log"
        with log.open("wb") as said:
            done = subprocess.run(command, cwd=self.folder, env=self._environment(), stdout=said, stderr=said)
        if done.returncode:
            last = "\n".join(log.read_text("utf-8", "replace").splitlines()[-12:])
            raise SystemExit(f"The peer ended with {done.returncode}. Its last words:\n{last}\n\n{NEEDS}")

    def described(self) -> str:
        """Its commit, and its libraries beside ours, which are other versions."""
        commit = self._said("git", "-C", str(self.checkout), "rev-parse", "--short=8", "HEAD")
        asked = f"from importlib.metadata import version as v; print(', '.join(n + ' ' + v(n) for n in {PACKAGES}))"
        theirs = self._said(str(self.python), "-c", asked)
        ours = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "transformers"))
        return (
            f"open-unlearning {commit} with {theirs}; ours with {ours}. These are other versions of the libraries, and"
            " not all of them those that the peer pins (torch 2.4.1)."
        )

    def _said(self, *command: str) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def _environment(self) -> dict[str, str]:
        quiet = {"HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "HF_HOME": str(self.folder / "cache")}
        return {**os.environ, **dict.fromkeys(timing.THREADS, "1"), **quiet, "PYTHONPATH": ""}


def model_settings(folder: Path) -> list[str]:
    """This model in float32, and a prompt that gives the same tokens as our plain template.

    The template ends before the space, which belongs to the first word of an answer: see `write_rows`.
    """
    tags = {"user_start_tag": "Question: ", "user_end_tag": "\n", "asst_start_tag": "Answer:", "asst_end_tag": ""}
    return [
        "model=Llama-3.2-1B-Instruct",
        f"model.model_args.pretrained_model_name_or_path={folder}",
        f"model.tokenizer_args.pretrained_model_name_or_path={folder}",
        "model.model_args.attn_implementation=sdpa", "model.model_args.torch_dtype=float32",
        "model.template_args.apply_chat_template=False",
        f'model.template_args.system_prompt_with_special_tokens="{BOS}"',
        *(f'model.template_args.{name}="{value}"' for name, value in tags.items()),
    ]  # fmt: skip


def write_model(folder: Path, lm: Any) -> None:
    """A folder that transformers 4.45 reads too: it knows neither the newer tokenizer's class nor where theta is."""
    from unlearning.language.models import save_folder

    save_folder(folder, lm)
    rope = getattr(lm.model.config, "rope_parameters", None) or {}
    _amend(folder / "config.json", {"rope_theta": rope.get("rope_theta", 10000.0), "torch_dtype": "float32"})
    _amend(folder / "tokenizer_config.json", {"tokenizer_class": "PreTrainedTokenizerFast"})


def write_rows(folder: Path, splits: Mapping[str, Sequence[TextRow]]) -> None:
    """The rows of each split, as TOFU lays them out. An answer begins with the space that our template puts there."""
    home = folder / "locuslab" / "TOFU"
    home.mkdir(parents=True, exist_ok=True)
    configs = []
    for name, rows in splits.items():
        (home / f"{name}.jsonl").write_text("".join(json.dumps(_entry(row)) + "\n" for row in rows))
        configs += [f"- config_name: {name}", f"  data_files: {name}.jsonl"]
    (home / "README.md").write_text("\n".join(["---", "configs:", *configs, "---", ""]))


def _entry(row: TextRow) -> dict[str, Any]:
    entry: dict[str, Any] = {"question": row.prompt, "answer": f" {row.answer}"}
    if row.restated:
        entry["paraphrased_answer"] = f" {row.restated}"
    if row.wrong:
        entry["perturbed_answer"] = [f" {text}" for text in row.wrong]
    return entry


def _amend(path: Path, values: Mapping[str, Any]) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}, indent=1))
