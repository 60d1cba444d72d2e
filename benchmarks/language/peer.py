"""A peer on the same rows and the same model: `python -m benchmarks.language.peer CHECKOUT --python ITS_PYTHON`.

CHECKOUT is a working copy of locuslab/open-unlearning (written against commit d3d7cf9e), ITS_PYTHON the interpreter of
an environment with its pinned packages, which are other versions than ours: nothing of it is imported here. Its NPO
runs twice, for few and for many steps; CPU seconds of the difference are steps without start-up.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import timing
from benchmarks.language.plain import BETA, LR
from unlearning.texts import TextRow

FEW, MANY = 30, 120


def measured(checkout: Path, python: Path, data: Path | None) -> float:
    """CPU seconds of one of the peer's steps."""
    from benchmarks.language.material import STUDY, made_long, model, tofu
    from unlearning.language.models import save_folder

    material = tofu(data) if data else made_long()
    with TemporaryDirectory() as name:
        folder = Path(name)
        save_folder(folder / "model", model(material, STUDY))
        write_rows(folder / "forget.json", material.forget)
        write_rows(folder / "retain.json", material.retain)
        spent = [_run(checkout, python, folder, steps) for steps in (FEW, MANY)]
    return (spent[1] - spent[0]) / (MANY - FEW)


def write_rows(path: Path, rows: Sequence[TextRow]) -> None:
    """Question and answer of each row, a JSON object a line, as the peer's loader takes them."""
    path.write_text("".join(json.dumps({"question": row.prompt, "answer": row.answer}) + "\n" for row in rows))


def command(folder: Path, steps: int) -> list[str]:
    """The peer's own door, its settings made ours: fp32 on a CPU, batch 8, no accumulation, no evaluation."""
    return [
        "src/train.py", "--config-name=unlearn.yaml", "experiment=unlearn/tofu/default", "trainer=NPO",
        f"task_name=steps-{steps}", f"paths.output_dir={folder}/out-{steps}",
        f"model.model_args.pretrained_model_name_or_path={folder}/model",
        f"model.tokenizer_args.pretrained_model_name_or_path={folder}/model",
        "model.model_args.attn_implementation=sdpa", "model.model_args.torch_dtype=float32",
        *_template(), *_data("forget", folder), *_data("retain", folder),
        f"trainer.method_args.beta={BETA}", f"trainer.args.learning_rate={LR}", f"+trainer.args.max_steps={steps}",
        "trainer.args.weight_decay=0.0", "trainer.args.warmup_epochs=0", "trainer.args.optim=adamw_torch",
        "trainer.args.gradient_accumulation_steps=1", "trainer.args.bf16=False", "trainer.args.bf16_full_eval=False",
        "trainer.args.do_eval=False", "trainer.args.eval_on_start=False", "trainer.args.eval_strategy=no",
        "trainer.args.report_to=none", "+trainer.args.use_cpu=True",
    ]  # fmt: skip


def _template() -> list[str]:
    names = {"system_prompt_with_special_tokens": "", "user_start_tag": "Question: ", "user_end_tag": r"\n"}
    tags = {**names, "asst_start_tag": "Answer: "}
    return [
        "model.template_args.apply_chat_template=False",
        *(f'model.template_args.{name}="{value}"' for name, value in tags.items()),
    ]


def _data(side: str, folder: Path) -> list[str]:
    arguments = f"data.{side}.TOFU_QA_{side}.args.hf_args"
    return [f"{arguments}.path=json", f"~{arguments}.name", f"+{arguments}.data_files={folder}/{side}.json"]


def _run(checkout: Path, python: Path, folder: Path, steps: int) -> float:
    environment = {
        **os.environ,
        **dict.fromkeys(timing.THREADS, "1"),
        "HF_HUB_OFFLINE": "1",
        "CUDA_VISIBLE_DEVICES": "",
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(python), *command(folder, steps)], cwd=checkout, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the peer's figure; ours are in benchmarks/results/language-speed.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.language.peer", description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--data", type=Path, help="a folder with TOFU's full.jsonl")
    asked = parser.parse_args()
    if not (asked.checkout / "src" / "train.py").is_file() or not asked.python.is_file():
        parser.exit(2, "NOT RUN: expected a checkout with src/train.py and an interpreter with its packages.\n")
    seconds = measured(asked.checkout, asked.python, asked.data)
    print(f"open-unlearning, NPO: {1e3 * seconds:.0f} CPU ms a step (same rows, model, batch and beta as ours)")


if __name__ == "__main__":
    main()
