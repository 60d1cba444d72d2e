"""Tell it. Run by `make demo-language`, inside `python -m governance.embedded --var build/demo-language`."""

import argparse
import os
import sys
import time
from pathlib import Path

import requests

from demo import acts, house
from demo.cast import opened
from demo.http import Refusal
from demo.language import show
from demo.language.beside import Bench
from demo.language.curves import rounds_area_chart, rounds_chart
from demo.language.page import page
from demo.language.people import chosen
from demo.language.rules import HOUSE
from demo.language.story import tell
from demo.language.terminal import drawn
from demo.language.told import Told
from demo.language.words import TOY, in_the_end
from demo.screen import StoryBroken, chapter, closing_table, console, say
from unlearning.runner.refusals import Refused


def main() -> int:
    started, asked = time.monotonic(), arguments()
    var = house.own_folder()
    out = asked.out or var / "papers"
    out.mkdir(parents=True, exist_ok=True)
    told = Told()
    try:
        perform(var, out, asked.data and asked.data.absolute(), told)
    except (StoryBroken, Refusal, Refused, requests.RequestException, ValueError) as error:
        console.print(f"\n[red]The story did not hold:[/red] {error}", markup=True)
        console.print(f"  The logs lie in {var}.")
        return 1
    except KeyboardInterrupt:
        console.print("\nStopped; `make demo-language` tells it anew from the beginning.")
        return 130
    told.elapsed_s = time.monotonic() - started
    (out / "demo.html").write_text(page(told), "utf-8")
    closing_table(summary(told, out))
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo.language")
    data = os.environ.get("DATA") or None
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(data) if data else None,
        help="rows in TOFU's format: a file, or TOFU's folder",
    )
    parser.add_argument("--out", type=Path, default=None, help="where page and papers go; the house's folder otherwise")
    return parser.parse_args()


def perform(var: Path, out: Path, data: Path | None, told: Told) -> None:
    people = chosen(data, HOUSE)
    with Bench(out, data) as bench:
        chapter("0. The house opens; beside it, the engines begin on ten requests")
        with opened(var) as cast:
            tell(cast, people, told, out, bench)
        chapter("An auditor verifies, offline, with the house closed")
        acts.verify(out, "bundle.zip")
        acts.verify(out, "receipt.zip")
        ten_requests(bench, told)
    chapter("What this toy cannot show")
    for line in TOY:
        say(line)


def ten_requests(bench: Bench, told: Told) -> None:
    chapter("Ten requests, one after the other: on the engines themselves, since the house would need minutes for each")
    for one in bench.rounds():
        told.rounds.append(one)
        say(show.round_words(told.rounds))
    show.rounds_told(told.rounds)
    told.rounds_charts = [rounds_chart(told.rounds), rounds_area_chart(told.rounds)]
    for chart in told.rounds_charts:
        console.print(drawn(chart))


def summary(told: Told, out: Path) -> list[tuple[str, str]]:
    tried = [(rung.method, str(rung.verdict["outcome"]), rung.released) for rung in told.rungs]
    return [
        ("one author of", f"{told.people}, {told.texts} texts ({told.source})"),
        ("the ladder", in_the_end(tried)),
        *((f"  {rung.method}", f"{rung.verdict['outcome']}, {rung.seconds:.0f} s") for rung in told.rungs),
        ("ten requests", show.ending_words(told.rounds)),
        ("page with every curve", str(out / "demo.html")),
        ("report, bundle, receipt", str(out)),
        ("told in", f"{told.elapsed_s:.0f} s"),
    ]


if __name__ == "__main__":
    sys.exit(main())
