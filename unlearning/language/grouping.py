"""Which rows each of a training's adapters learns.

Rows are spread by person, so that whoever leaves takes along one adapter and not all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from unlearning.runner.jobfolder import Spec
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow


def parts_of(spec: Spec, rows: Sequence[TextRow]) -> dict[str, list[TextRow]]:
    """Adapter name -> its rows, in the order of the names; one adapter learns all of them.

    rows: those of the manifest `retain`, in its order.
    Raises: Refused with PARTS_UNFIT.
    """
    wanted = spec.params["adapter"]
    told: dict[str, list[int]] = spec.params.get("parts", {})
    if wanted.get("groups", 1) == 1:
        if told:
            raise _unfit("got parts for one adapter")
        return {wanted["name"]: list(rows)}
    listed = spec.manifests["retain"]["texts"]
    names = {f"{wanted['name']}_{number}" for number in range(wanted["groups"])}
    if not told or set(told) - names:
        raise _unfit("got others")
    if sorted(row for part in told.values() for row in part) != sorted(listed):
        raise _unfit("got rows twice, or not all of them")
    by_row = dict(zip(listed, rows, strict=True))
    return {name: [by_row[row] for row in told[name]] for name in sorted(told)}


def _unfit(came: str) -> Refused:
    return Refused(
        "PARTS_UNFIT",
        f"expected parts named after the adapter and its groups, with every row of the manifest in one; {came}.",
        "Give parts for several groups, and none for one.",
    )
