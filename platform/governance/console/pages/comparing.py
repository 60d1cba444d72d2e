"""Both routes of a plan side by side, from the plan file alone."""

from dataclasses import dataclass
from typing import Any

from governance.console.wording import EXACT_STEPS, ROUTES, duration
from governance.verification.method_words import method_words, named


@dataclass(frozen=True)
class Route:
    """One bar: `share` is its cost in percent of the dearest route; `cost` is empty where it is not open."""

    name: str
    chosen: bool
    open: bool
    cost: str
    steps: str
    share: float


def routes_of(body: dict[str, Any]) -> list[Route]:
    """The deletion beside the retraining. A plan without a ledger has one way, or two of which neither counts steps."""
    choice = body.get("choice") or {}
    if isinstance(choice, dict) and "steps_costs_s" in choice:
        return ladder_routes(choice, body["inputs"]["ladder"])
    if isinstance(choice, dict) and "approximate_cost_s" in choice:
        return unproved_routes(choice)
    if not isinstance(choice, dict) or "retrain_cost_s" not in choice:
        return listed_routes(body)
    costs = {"certified.delete": choice.get("delete_cost_s"), "retrain": choice.get("retrain_cost_s")}
    steps = {"certified.delete": choice.get("delete_steps"), "retrain": body.get("inputs", {}).get("steps_learn")}
    return bars([(key, key == choice.get("route"), costs[key], steps[key]) for key in costs])


def unproved_routes(choice: dict[str, Any]) -> list[Route]:
    """Without prices nothing was compared: the policy's wish decided, and the reason says so."""
    costs = {"approximate": choice["approximate_cost_s"], "retrain": choice["retrain_cost_s"]}
    if None in costs.values():
        return []
    return bars([(key, key == choice["route"], cost, None) for key, cost in costs.items()])


def ladder_routes(choice: dict[str, Any], ladder: list[dict[str, Any]]) -> list[Route]:
    """Each method of the ladder beside retraining: those it will try in turn are the chosen ones."""
    if choice["steps_costs_s"] is None:
        return []
    tried = set(choice["ladder"])
    steps = [
        (name_of(step["method"]), place in tried, cost, None)
        for place, (step, cost) in enumerate(zip(ladder, choice["steps_costs_s"], strict=True))
    ]
    return bars([*steps, ("retrain", choice["route"] == "retrain", choice["retrain_cost_s"], None)])


def name_of(method: str) -> str:
    return EXACT_STEPS.get(method) or f"{ROUTES['approximate']}: {method_words(method)}"


def listed_routes(body: dict[str, Any]) -> list[Route]:
    """The form in which routes are listed one by one."""
    choice = body.get("choice")
    rows = body.get("routes") or []
    return bars(
        [
            (row["engine"], row["engine"] == choice, row["cost_s"] if row.get("feasible", True) else None, row["steps"])
            for row in rows
        ]
    )


def bars(rows: list[tuple[str, bool, float | None, int | None]]) -> list[Route]:
    dearest = max((cost for _, _, cost, _ in rows if cost is not None), default=0) or 1
    return [
        Route(
            name=ROUTES.get(name, name),
            chosen=chosen,
            open=cost is not None,
            cost=cost_words(cost),
            steps=f"{steps:,} steps" if steps else "",
            share=100 * cost / dearest if cost is not None else 0,
        )
        for name, chosen, cost, steps in rows
    ]


def cost_words(cost: float | None) -> str:
    if cost is None:
        return ""
    if cost >= 600:
        return duration(cost)
    return f"{cost:.0f} s" if cost >= 10 else f"{cost:.2g} s"


def reason_of(body: dict[str, Any]) -> str:
    choice = body.get("choice")
    return named(str(choice.get("reason", ""))) if isinstance(choice, dict) else ""
