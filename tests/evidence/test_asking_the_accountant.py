"""The verifier asks the accountant, and says so plainly where it is not here or refuses."""

import math
import sys
from collections.abc import Callable
from typing import Any

import pytest

from evidence import pricing
from evidence.pricing import PricingError
from tests.evidence.specimen import DELTA, ledger
from unlearning.accounting import GdpBound, together

ASKED: dict[str, Callable[[Any], Any]] = {
    "a price": lambda document: pricing.recompute(document, delta=DELTA, group=1, batch=None),
    "a line that still holds": lambda document: pricing.line_bounds(document, group=1, batch=None),
    "a line that let go": lambda document: pricing.line_bounds(document, group=1, batch="batch"),
    "its own line": lambda document: pricing.own_bounds(document, group=1, batch=None),
    "a plan": pricing.plan_differences,
}


@pytest.mark.parametrize("name", ASKED)
def test_without_the_accountant_every_question_names_the_single_file(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "unlearning.accounting", None)
    with pytest.raises(PricingError, match="single file"):
        ASKED[name](ledger())


@pytest.mark.parametrize("name", ASKED)
def test_what_the_accountant_refuses_has_no_price(name: str) -> None:
    with pytest.raises(PricingError):
        ASKED[name]({"format": "none of ours"})


def test_bounds_are_composed_by_the_accountant_alone() -> None:
    bounds = [GdpBound(0.3, reserve=1e-7), GdpBound(0.4, reserve=2e-7)]
    assert pricing.jointly(bounds) == together(bounds)
    assert pricing.jointly(bounds).mu == pytest.approx(0.5, rel=1e-15)
    assert pricing.jointly(bounds).reserve == pytest.approx(3e-7, rel=1e-15)
    assert together([*bounds, None]).mu == math.inf
