"""`python -m unlearning account LEDGER.json --delta 1e-5`: the price of a ledger, as text or JSON.

Several ledgers are one person over several models: their joint price.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from unlearning.accounting.errors import AccountingError
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.ledger import Ledger
from unlearning.accounting.pricing import Price, between_two_values, compared_worlds, price
from unlearning.accounting.strict_json import dump
from unlearning.accounting.subjects import Holding, SubjectPrice, subject_price

DONE, REFUSED = 0, 64


def account_command(argv: Sequence[str]) -> int:
    """Print B, B before the deletion and A. Returns 0, or 64 with the code and the remedy on standard error."""
    arguments = _parser().parse_args(argv)
    try:
        ledgers = [Ledger.from_json(Path(path).read_bytes()) for path in arguments.ledger]
        cost = _priced(ledgers, delta=arguments.delta, group=arguments.group, batch=arguments.batch)
    except AccountingError as refusal:
        print(f"{refusal.code}: {refusal}", file=sys.stderr)
        return REFUSED
    except OSError as error:
        print(
            f"Cannot read the ledger {error.filename}: {error.strerror}. Pass the path of a ledger.json.",
            file=sys.stderr,
        )
        return REFUSED
    text = as_text(cost) if isinstance(cost, Price) else joint_text(cost)
    print(dump(cost.to_json()) if arguments.json else text)
    return DONE


def as_text(cost: Price) -> str:
    """The price in plain words, one number per line."""
    what = f"batch {cost.batch}" if cost.batch else "nothing deleted: a person still present"
    return "\n".join(
        [
            f"Privacy of one person with {cost.group} row(s); {what}; delta {cost.delta:g}.",
            *_numbers(cost, cost.adjacency),
            f"Assumes {cost.assumption.replace('_', ' ')} loss, real-number Gaussian noise, and for A that no earlier "
            "release was seen or had any influence.",
            *_caveats(cost),
        ]
    )


def joint_text(cost: SubjectPrice) -> str:
    """The joint price of one person over several models, and each model's own B and A."""
    models = [
        f"  model {at}: {_short('B', one.b, cost.delta)}; {_short('A', one.a, cost.delta)}; "
        + (f"left with {one.batch}" if one.batch else "still in it")
        for at, one in enumerate(cost.prices, 1)
        if one is not None
    ]
    return "\n".join(
        [
            f"Privacy of one person over {len(cost.prices)} models together; delta {cost.delta:g}.",
            *_numbers(cost, cost.adjacency),
            *models,
            "A assumes that no earlier release of any of these models was seen or had any influence on another.",
        ]
    )


def _priced(ledgers: Sequence[Ledger], *, delta: float, group: int | None, batch: str | None) -> Price | SubjectPrice:
    if len(ledgers) == 1:
        return price(ledgers[0], delta=delta, group=group, batch=batch)
    return subject_price([Holding(ledger=ledger, group=group, batch=batch) for ledger in ledgers], delta=delta)


def _numbers(cost: Price | SubjectPrice, adjacency: str) -> list[str]:
    named = [
        ("B  all releases", cost.b),
        ("B  one moment before the deletion", cost.b_before),
        ("A  later releases only", cost.a),
    ]
    lines = [_line(name, bound, cost.delta) for name, bound in named]
    lines.append(f"Compares {compared_worlds(adjacency)}.")
    if adjacency == "zero_out":
        lines += [_two_values(name[0], between_two_values(bound, adjacency), cost.delta) for name, bound in named[::2]]
    if cost.b.reserve:
        lines.append(f"Vetoes took {cost.b.reserve:g} of delta: every epsilon holds for the rest of it only.")
    return lines


def _caveats(cost: Price) -> list[str]:
    if cost.assumption != "none":
        return []
    return ["No convexity is assumed, so steps buy nothing: A is what learning cost, however many steps followed."]


def _line(name: str, bound: GdpBound, delta: float) -> str:
    return f"{name:<34} mu {bound.mu:<10.4g} epsilon {bound.epsilon(delta):<10.4g} advantage {bound.advantage:.3f}"


def _two_values(name: str, bound: GdpBound, delta: float) -> str:
    words = f"{name}  two values"
    if not bound.reserve:
        return _line(words, bound, delta)
    return f"{words:<34} mu {bound.mu:<10.4g} no epsilon after a veto advantage {bound.advantage:.3f}"


def _short(name: str, bound: GdpBound, delta: float) -> str:
    return f"{name} mu {bound.mu:.4g} epsilon {bound.epsilon(delta):.4g}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m unlearning account", description=__doc__)
    parser.add_argument("ledger", nargs="+", help="files of format obelus/ledger/1 or 2, one for each model")
    parser.add_argument("--delta", type=float, required=True, help="the delta of the displayed epsilons, such as 1e-5")
    parser.add_argument("--group", type=int, default=None, help="rows of the person (default: the contribution cap)")
    parser.add_argument("--batch", default=None, help="the deletion to judge (default: the last one)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    return parser
