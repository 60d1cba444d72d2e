"""How a plan chooses: the cheapest feasible route, and in a tie the stronger rung. Planner and auditor share this."""

from __future__ import annotations

from evidence.canonical import Json

RUNGS = ("retrained", "unlearned_certified", "unlearned_approximately", "filtered")


class NoRouteError(ValueError):
    """No route is feasible; retraining or withdrawal must always be one."""


def route_cost_s(*, steps: int, step_s: float, verification_s: float) -> float:
    """What a route costs in seconds: its steps at the measured rate, and verifying its outcome."""
    return steps * step_s + verification_s


def choose(routes: list[Json]) -> Json:
    """The route a plan must take, of routes as in plan.json.

    Raises:
        NoRouteError: none is feasible.

    >>> choose([{"engine": "recipe", "rung": "retrained", "feasible": True, "cost_s": 1.0}])["engine"]
    'recipe'
    """
    feasible = [route for route in routes if route["feasible"]]
    if not feasible:
        raise NoRouteError("expected at least one feasible route, found none; offer retraining or withdrawal")
    return min(feasible, key=lambda route: (route["cost_s"], _strength(route["rung"]), route["engine"]))


def _strength(rung: str) -> int:
    return RUNGS.index(rung) if rung in RUNGS else len(RUNGS)
