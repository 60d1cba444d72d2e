"""What is fixed of a model, engine by engine: the questions are made from the engine's own schema in the catalog.

A constant is asked in plain words; its text becomes what its type in the schema says, and where it does not, it goes to
the catalog as it was typed, which then says what is wrong with it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from governance.console.registering.asking import Ask, Shape
from governance.console.registering.constant_words import WORDS
from unlearning.catalog import engine_spec

# Not asked here: filled in by the platform for each training, or left to the API.
ELSEWHERE = ("parts", "environment")
# Suggested where the schema has no default of its own.
SUGGESTED = {
    "lam": "0.01",
    "norm_bound": "1",
    "classes": "0, 1",
    "adjacency": "zero_out",
    "centres": "0",
    "scales": "1",
    "low": "0",
    "high": "1",
    "epochs": "30",
}
# Asked at once and in this order; all others stand under "More".
FIRST = (
    *("command", "family", "shape", "preset", "n_0", "classes", "centres", "scales", "contribution_cap"),
    *("low", "high", "eta", "sigma", "steps", "epochs"),
)
# Demanded by the engine, and filled in from the dataset where it is left empty.
OF_THE_DATASET = ("contribution_cap",)
LINES = {"command": 3, "centres": 2, "scales": 2, "adapter.targets": 3}
TYPES = {"integer": int, "number": float}


def leaves(engine: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """(path, schema, whether it is demanded) of every constant; those of an object one by one, as `adapter.rank`."""
    schema = engine_spec(engine).parameters
    for name, entry in schema["properties"].items():
        if name in ELSEWHERE:
            continue
        if entry.get("type") == "object":
            yield from ((f"{name}.{inner}", each, False) for inner, each in entry["properties"].items())
        else:
            yield name, entry, name in schema["required"]


def constants(engine: str) -> list[Ask]:
    """First those worth a choice, then those that may be left as they are."""
    found = [question(path, entry, demanded=demanded) for path, entry, demanded in leaves(engine)]
    return sorted(found, key=lambda ask: FIRST.index(ask.name) if ask.name in FIRST else len(FIRST))


def question(path: str, entry: dict[str, Any], *, demanded: bool) -> Ask:
    label, help_words = WORDS[path]
    if "default" in entry:
        help_words = f"{help_words} Left empty: {said(entry['default'])}."
    options = options_of(entry)
    return Ask(
        name=path,
        label=label,
        help=help_words,
        shape=shape_of(entry),
        options=options,
        required=demanded and path not in OF_THE_DATASET,
        longest=20_000,
        default=SUGGESTED.get(path, "") if "default" not in entry else "",
        more=path not in FIRST,
        nothing="As usual",
        lines=LINES.get(path, 1),
    )


def said(default: Any) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return ", ".join(map(str, default)) if isinstance(default, list) else str(default)


def options_of(entry: dict[str, Any]) -> list[tuple[str, str]] | None:
    if "enum" in entry:
        return [(value, value.replace("_", " ")) for value in entry["enum"]]
    return [("yes", "Yes"), ("no", "No")] if entry.get("type") == "boolean" else None


def shape_of(entry: dict[str, Any]) -> Shape:
    if "enum" in entry or entry.get("type") == "boolean":
        return "choice"
    if entry.get("type") == "array":
        return "long"
    return "number" if entry.get("type") in TYPES else "line"


def problem_of(engine: str, told: Mapping[str, str]) -> dict[str, Any]:
    """The model's problem out of what was typed; what was left empty is left out."""
    problem: dict[str, Any] = {}
    for path, entry, _ in leaves(engine):
        if not told.get(path):
            continue
        *outer, name = path.split(".")
        place = problem.setdefault(outer[0], {}) if outer else problem
        place[name] = value_of(told[path], entry)
    return problem


def value_of(text: str, entry: dict[str, Any]) -> Any:
    if entry.get("type") == "array":
        items = entry["items"]
        parts = text.splitlines() if items.get("type") == "string" else text.replace(",", " ").split()
        return [value_of(part.strip(), items) for part in parts if part.strip()]
    if entry.get("type") == "boolean":
        return {"yes": True, "no": False}.get(text, text)
    try:
        return TYPES[entry["type"]](text) if entry.get("type") in TYPES else text
    except ValueError:
        return text
