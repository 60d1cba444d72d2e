"""`python -m unlearning account LEDGER.json --delta 1e-5`: the price of a ledger, as text or JSON."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from unlearning.accounting.errors import AccountingError
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.ledger import Ledger
from unlearning.accounting.pricing import Price, price
from unlearning.accounting.strict_json import dump

DONE, REFUSED = 0, 64


def account_command(argv: Sequence[str]) -> int:
    """Print B, B before the deletion and A. Returns 0, or 64 with the code and the remedy on standard error."""
    arguments = _parser().parse_args(argv)
    try:
        ledger = Ledger.from_json(Path(arguments.ledger).read_bytes())
        cost = price(ledger, delta=arguments.delta, group=arguments.group, batch=arguments.batch)
    except AccountingError as refusal:
        print(f"{refusal.code}: {refusal}", file=sys.stderr)
        return REFUSED
    except OSError as error:
        print(
            f"Cannot read the ledger {arguments.ledger}: {error.strerror}. Pass the path of a ledger.json.",
            file=sys.stderr,
        )
        return REFUSED
    print(dump(cost.to_json()) if arguments.json else as_text(cost))
    return DONE


def as_text(cost: Price) -> str:
    """The price in plain words, one number per line."""
    what = f"batch {cost.batch}" if cost.batch else "nothing deleted: a person still present"
    lines = [
        f"Privacy of one person with {cost.group} row(s); {what}; delta {cost.delta:g}.",
        _line("B  all releases", cost.b, cost.delta),
        _line("B  one moment before the deletion", cost.b_before, cost.delta),
        _line("A  later releases only", cost.a, cost.delta),
        f"Compares {cost.compares}.",
        f"Assumes {cost.assumption.replace('_', ' ')} loss, real-number Gaussian noise, and for A that no earlier "
        "release was seen or had any influence.",
    ]
    return "\n".join(lines)


def _line(name: str, bound: GdpBound, delta: float) -> str:
    return f"{name:<34} mu {bound.mu:<10.4g} epsilon {bound.epsilon(delta):<10.4g} advantage {bound.advantage:.3f}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m unlearning account", description=__doc__)
    parser.add_argument("ledger", help="a file of format obelus/ledger/1")
    parser.add_argument("--delta", type=float, required=True, help="the delta of the displayed epsilons, such as 1e-5")
    parser.add_argument("--group", type=int, default=None, help="rows of the person (default: the contribution cap)")
    parser.add_argument("--batch", default=None, help="the deletion to judge (default: the last one)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    return parser
