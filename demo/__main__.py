"""Tell the story. Run by `make demo`, inside `python -m governance.embedded --var build/demo`."""

import os
import sys
import time
from pathlib import Path
from shlex import quote
from typing import Any

import requests

from demo import house
from demo.acts import verify
from demo.cast import opened
from demo.http import Refusal
from demo.screen import StoryBroken, chapter, closing_table, console
from demo.story import Told, tell


def main() -> int:
    started = time.monotonic()
    var = house.own_folder()
    out = var / "papers"
    out.mkdir(exist_ok=True)
    try:
        told = perform(var, out)
    except (StoryBroken, Refusal, requests.RequestException) as error:
        console.print(f"\n[red]The story did not hold:[/red] {error}")
        console.print(f"  The logs lie in {var}.")
        return 1
    except KeyboardInterrupt:
        console.print("\nStopped; `make demo` tells it anew from the beginning.")
        return 130
    closing_table(summary(told, out, var, time.monotonic() - started))
    return 0


def perform(var: Path, out: Path) -> Told:
    chapter("0. The house opens")
    with opened(var) as cast:
        told = tell(cast, out)
    chapter("8. An auditor verifies, offline, with the house closed")
    verify(out, "bundle.zip")
    verify(out, "receipt.zip")
    return told


def together(group: int) -> str:
    return "one person" if group == 1 else f"{group} together"


def said(certificate: dict[str, Any], name: str) -> str:
    epsilon = certificate[name]["epsilon"]
    return "without a bound" if epsilon is None else f"epsilon {epsilon:.3g} at delta {certificate['delta']:g}"


def summary(told: Told, out: Path, var: Path, elapsed_s: float) -> list[tuple[str, str]]:
    rows = []
    for plan in told.plans:
        body, certificate = plan["body"]["choice"], plan["certificates"][-1]["body"]
        rows += [
            ("12 patients, " + plan["body"]["inputs"]["regime"].replace("_", " "), plan["route"]),
            ("  steps: deletion / retraining", f"{body['delete_steps']} / {plan['body']['inputs']['steps_learn']}"),
            (f"  B, all releases of all models, {together(certificate['group'])}", said(certificate, "b_all_models")),
            ("  B of this model alone", said(certificate, "b")),
            ("  A, later releases only", said(certificate, "a")),
            ("  verdict", plan["verdicts"][-1]["outcome"]),
        ]
    return [
        *rows,
        ("report, bundle, receipt", str(out)),
        ("console", f"make up VAR={quote(os.path.relpath(var))}, then http://127.0.0.1:8000/console/"),
        ("sign-in files", str(var / "people")),
        ("told in", f"{elapsed_s:.0f} s"),
    ]


if __name__ == "__main__":
    sys.exit(main())
