"""What a gate asks of a request's scope: one file for the engine that measures it and the verdict that judges it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any


def scope_rules(purpose: str) -> list[dict[str, Any]]:
    """What a gate ("privacy", "copyright" or "harm") asks of a request's scope: its file's rules on `scope.*`.

    Each holds battery, asks, limit and perhaps budgets, least_tokens and needed, as unlearning.language.scope.rules
    reads them. Raises: FileNotFoundError.
    """
    path = files("unlearning").joinpath("language", "scope", "policies", f"{purpose}.json")
    rules: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["rules"]
    return [rule for rule in rules if rule["battery"].startswith("scope.")]
