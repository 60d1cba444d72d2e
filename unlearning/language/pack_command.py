"""`python -m unlearning pack FOLDER FILE`: a Hugging Face folder as the one file that the platform takes as a base."""

from __future__ import annotations

import sys
from pathlib import Path

from unlearning.language.adapters import merged
from unlearning.language.models import load, save_packed
from unlearning.runner.refusals import EXIT_REFUSED, Refused


def pack_command(folder: Path, file: Path) -> int:
    """Write weights (as float32), configuration, tokenizer and template into one file; equal models give equal bytes.

    Adapters of the folder are added to its weights: those that are dropped one day are added by trainings here.
    Returns 0, or the exit code of a refusal, which is written to stderr.
    """
    try:
        if file.exists():
            raise Refused("FILE_EXISTS", "expected a new file, there is one of that name.", "Choose another name.")
        save_packed(file, merged(load(folder)))
    except Refused as refusal:
        print(f"{refusal.code}: {refusal.message} {refusal.remedy}", file=sys.stderr)
        return EXIT_REFUSED
    print(f"{file} ({file.stat().st_size} bytes)")
    return 0
