"""How a model is trained, as one digest: engine, parameters and public inputs, whatever the seed and the rows.

The certificate of an unlearning without a proof names it; retrained references must have been trained by it.
"""

from __future__ import annotations

from collections.abc import Mapping

from evidence.canonical import Json, digest_json

# Not of the recipe: which draw it is, and on how many cores.
_APART = ("seed", "seeds", "cores")


def recipe_digest(*, engine: str, params: Json, inputs: Mapping[str, Json], rows: str) -> str:
    """inputs: digests of a training's inputs by name; rows: the one that holds the rows, which stays out."""
    public = {name: digest for name, digest in inputs.items() if name != rows}
    kept = {name: value for name, value in params.items() if name not in _APART}
    return digest_json({"engine": engine, "params": kept, "inputs": public})
