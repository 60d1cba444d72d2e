"""The rules that planner and verifier share."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.approvals import approval_digest
from evidence.canonical import digest_json
from evidence.measurements import split_tiers
from evidence.plan import NoRouteError, choose, route_cost_s


def _route(engine: str, rung: str, cost_s: float, feasible: bool = True) -> dict[str, Any]:
    return {"engine": engine, "rung": rung, "cost_s": cost_s, "feasible": feasible}


def test_the_cheapest_feasible_route_is_chosen() -> None:
    delete, retrain = _route("d", "unlearned_certified", 2.0), _route("r", "retrained", 3.0)
    assert choose([retrain, delete]) is delete
    assert choose([retrain, {**delete, "feasible": False}]) is retrain
    assert choose([delete, {**retrain, "cost_s": 1.0}])["engine"] == "r"


def test_a_tie_goes_to_the_stronger_rung() -> None:
    delete, retrain = _route("d", "unlearned_certified", 2.0), _route("r", "retrained", 2.0)
    assert choose([delete, retrain]) is retrain


def test_no_feasible_route_is_an_error_not_a_choice() -> None:
    with pytest.raises(NoRouteError, match="withdrawal"):
        choose([_route("d", "unlearned_certified", 2.0, feasible=False)])


@given(st.permutations([_route(str(n), "retrained", n % 3) for n in range(6)]))
def test_the_order_of_routes_does_not_matter(routes: list[dict[str, Any]]) -> None:
    assert choose(routes)["engine"] == "0"


def test_verification_is_part_of_the_cost() -> None:
    assert route_cost_s(steps=4, step_s=0.5, verification_s=3.0) == 5.0


def test_an_approval_is_of_all_four_parts() -> None:
    parts = {"candidate": "c", "certificate": "e", "policy": "p", "verdict": "v"}
    assert approval_digest(**parts) == digest_json(parts)
    for name in parts:
        assert approval_digest(**{**parts, name: "other"}) != digest_json(parts)


def test_the_tiers_are_parted_without_loss() -> None:
    lines = [{"name": str(n), "tier": "sealed" if n % 2 else "open"} for n in range(5)]
    document = {"format": "obelus/measurements/1", "measurements": lines}
    opened, sealed = split_tiers(document)
    assert [line["name"] for line in opened["measurements"]] == ["0", "2", "4"]
    assert [line["name"] for line in sealed["measurements"]] == ["1", "3"]
    assert opened["format"] == sealed["format"] == document["format"]
