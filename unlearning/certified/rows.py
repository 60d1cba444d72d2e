"""Rows as the steps see them: borrowed arrays or memory maps with a slot, a class and a shrink factor for each row.

Letters: N rows, F features, B rows of one chunk.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from unlearning.certified.requests import RequestRefused
from unlearning.linear import shrink_factors

if TYPE_CHECKING:
    from torch import Tensor

    from unlearning.certified.constants import Constants
    from unlearning.certified.kernel import Chunk

_MEASURED_BYTES = 4 << 20


@dataclass(frozen=True)
class Part:
    """Rows that lie in one array. slots increase; shrink 0 means that a row adds nothing.

    here: not deleted. owned: the array is ours to overwrite. mapped: it is a file.
    skip: rows that no step may even read (deleted from a file we do not own, or too long to be squared).
    """

    features: npt.NDArray[Any]
    positions: npt.NDArray[np.int64]
    slots: npt.NDArray[np.int64]
    shrink: npt.NDArray[np.float64]
    here: npt.NDArray[np.bool_]
    skip: npt.NDArray[np.bool_]
    norm_bound: float
    owned: bool
    mapped: bool

    def __len__(self) -> int:
        return len(self.slots)


def part_of(
    features_NF: npt.NDArray[Any],
    positions_N: npt.NDArray[np.int64],
    slots_N: npt.NDArray[np.int64],
    *,
    norm_bound: float,
    owned: bool = False,
    mapped: bool = False,
) -> Part:
    """Measure every row by itself, chunk by chunk; the features are neither copied nor changed."""
    shrink_N = np.empty(len(features_NF))
    for here in spans(len(features_NF), width=features_NF.shape[1]):
        shrink_N[here] = _measured(features_NF[here], norm_bound=norm_bound)
    return Part(
        features_NF,
        positions_N,
        slots_N,
        shrink_N,
        here=np.ones(len(slots_N), dtype=np.bool_),
        skip=shrink_N == 0.0,
        norm_bound=norm_bound,
        owned=owned,
        mapped=mapped,
    )


def _measured(rows_BF: npt.NDArray[Any], *, norm_bound: float) -> npt.NDArray[np.float64]:
    """Shrink factors, summed in one order whatever the layout: a view and its copy must agree to the last bit."""
    return shrink_factors(np.ascontiguousarray(rows_BF, dtype=np.float64), norm_bound=norm_bound)


def spans(count: int, *, width: int) -> Iterator[slice]:
    """Slices over `count` rows, each of a few megabytes."""
    step = max(1, _MEASURED_BYTES // (8 * max(width, 1)))
    for start in range(0, count, step):
        yield slice(start, min(start + step, count))


def batches_of(parts: Sequence[Part], constants: Constants, *, device: str = "cpu") -> list[list[Chunk]]:
    """The chunks of each batch, in the order of the permanent slots: batch j holds the slots j b to (j + 1) b - 1.

    On another device the rows are kept there if they fit, else they travel chunk by chunk in every step.
    """
    place = _Place(device, keep=sum(8 * part.features.size for part in parts) < _room_bytes(device))
    if constants.batch is None:
        return [[chunk for part in parts for chunk in _chunks(part, 0, len(part), place)]]
    edges = np.arange(constants.batches + 1) * constants.batch
    bounds = [np.searchsorted(part.slots, edges) for part in parts]
    return [
        [
            chunk
            for part, cut in zip(parts, bounds, strict=True)
            for chunk in _chunks(part, int(cut[batch]), int(cut[batch + 1]), place)
        ]
        for batch in range(constants.batches)
    ]


@dataclass(frozen=True)
class _Place:
    """Where the steps are computed. keep: the rows may stay there between steps."""

    device: str
    keep: bool


def _room_bytes(device: str) -> float:
    """What rows may take on a GPU: four fifths of what is free. The processor keeps no copies at all."""
    import torch

    return 0.8 * torch.cuda.mem_get_info(device)[0] if device.startswith("cuda") else 0.0


def _chunks(part: Part, first: int, last: int, place: _Place) -> Iterator[Chunk]:
    from unlearning.certified.kernel import rows_per_chunk

    step = rows_per_chunk(part.features.shape[1], device=place.device)
    for start in range(first, last, step):
        span = slice(start, min(start + step, last))
        touched = ~part.skip[span]
        if touched.any():
            yield _chunk(part, span, touched, place)


def _chunk(part: Part, span: slice, touched_B: npt.NDArray[np.bool_], place: _Place) -> Chunk:
    import torch

    from unlearning.certified.kernel import Chunk

    positions_B = torch.from_numpy(part.positions[span][touched_B]).to(place.device)
    shrink_B = torch.from_numpy(part.shrink[span][touched_B]).to(place.device)
    return Chunk(_loader(part.features[span], touched_B, place), positions_B, shrink_B)


def _loader(features_BF: npt.NDArray[Any], touched_B: npt.NDArray[np.bool_], place: _Place) -> Callable[[], Tensor]:
    import torch

    plain = features_BF.dtype == np.float64 and features_BF.dtype.isnative and min(features_BF.strides) >= 0
    if place.device == "cpu" and touched_B.all() and plain:  # torch has no view that runs backwards
        view_BF = _viewed(features_BF)
        return lambda: view_BF

    def load() -> Tensor:
        rows_BF = features_BF if touched_B.all() else features_BF[touched_B]
        return torch.from_numpy(np.array(rows_BF, dtype=np.float64, order="C")).to(place.device)

    if not place.keep:
        return load
    kept_BF = load()
    return lambda: kept_BF


def _viewed(features_BF: npt.NDArray[Any]) -> Tensor:
    """A read-only file map warns when it becomes a tensor; nothing here writes to one."""
    import torch

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(np.asarray(features_BF))


def without(part: Part, slots: npt.NDArray[np.int64]) -> Part:
    """The rows of a part but for these slots; the part itself stays as it is until the new one is `settled`.

    An array of ours keeps its shape and is overwritten later. A borrowed one is copied without the rows, because its
    owner may still need them and we may not. A file is left alone and read past them.
    Raises: RequestRefused with ROWS_CHANGED when the array (others may hold one of ours too) is not what was given.
    """
    stay_N = part.here & ~np.isin(part.slots, slots)
    if (stay_N == part.here).all():
        return part
    _require_unchanged(part, stay_N)
    if not part.owned and not part.mapped:
        return Part(
            np.ascontiguousarray(part.features[stay_N]),  # picking rows has copied them: once is enough
            part.positions[stay_N],
            part.slots[stay_N],
            part.shrink[stay_N],
            here=np.ones(int(stay_N.sum()), dtype=np.bool_),
            skip=part.skip[stay_N],
            norm_bound=part.norm_bound,
            owned=True,
            mapped=False,
        )
    return replace(
        part,
        positions=np.where(stay_N, part.positions, 0),
        shrink=np.where(stay_N, part.shrink, 0.0),
        here=stay_N,
        skip=part.skip | ~stay_N if part.mapped else part.skip,
    )


def settled(part: Part) -> None:
    """Overwrite what left, where the array is ours."""
    if part.owned:
        part.features[~part.here] = 0


def _require_unchanged(part: Part, stay_N: npt.NDArray[np.bool_]) -> None:
    """Lengths are the only trace of a row that we keep, and enough to notice an array that was sorted or refilled."""
    for span in spans(len(part), width=part.features.shape[1]):
        stays_B = stay_N[span]
        now_B = _measured(part.features[span][stays_B], norm_bound=part.norm_bound)
        if not np.array_equal(now_B, part.shrink[span][stays_B]):
            raise RequestRefused(
                "ROWS_CHANGED",
                "expected the array or file that was given to fit, found others' rows in it.",
                "Do not change it while the model lives, or load the model and give its rows back.",
            )
