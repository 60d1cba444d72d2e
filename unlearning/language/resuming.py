"""The state of a run that may be killed: one safetensors file, written whole or not at all, read without unpickling.

A state holds weights that still know the rows to forget. It lies in the job's folder, is wiped with it, and belongs to
one specification: its fingerprint is checked before anything of it is used.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from unlearning.language.stopping import Seen
from unlearning.runner.refusals import Refused

FORMAT = "obelus/unlearning-state/1"
STATE, BEST = "state.safetensors", "best.safetensors"
_KINDS = ("exp_avg", "exp_avg_sq", "step")


class Shelf:
    """The folder of one run: its last state and its best weights. named: every weight that may move."""

    def __init__(self, folder: Path, named: Iterable[tuple[str, nn.Parameter]], *, fingerprint: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._fingerprint = folder, fingerprint
        self._named = sorted((name, weight) for name, weight in named if weight.requires_grad)

    def keep_best(self) -> None:
        """Write the weights as they are over the best ones so far."""
        _write(self._folder / BEST, {name: weight.detach() for name, weight in self._named}, self._metadata({}))

    def take_best(self) -> None:
        """Put the best weights back into the model.

        Raises: Refused with STATE_UNREADABLE.
        """
        for name, weight in self._named:  # opened for each: a file keeps in memory what was read of it while it is open
            with self._opened(BEST) as (_, file), torch.no_grad():
                weight.copy_(file.get_tensor(name))

    def save(self, step: int, seen: Seen, optimiser: torch.optim.Optimizer) -> None:
        """Write the state after so many steps; a kill at any moment leaves this one or the one before."""
        tensors = {f"weight.{name}": weight.detach() for name, weight in self._named}
        for name, weight in self._named:
            held = optimiser.state.get(weight, {})
            tensors |= {f"{kind}.{name}": held[kind] for kind in _KINDS if kind in held}
        _write(self._folder / STATE, tensors, self._metadata({"step": step, "seen": asdict(seen)}))

    def restore(self, optimiser: torch.optim.Optimizer) -> tuple[int, Seen] | None:
        """Put the last state into model and optimizer; gives steps done and what was seen, or None without a state.

        Raises: Refused with STATE_UNREADABLE, or STATE_OF_ANOTHER_RUN.
        """
        if not (self._folder / STATE).exists():
            return None
        public, tensors = self._read(STATE)
        self._fill({name.removeprefix("weight."): v for name, v in tensors.items() if name.startswith("weight.")})
        for name, weight in self._named:
            held = {kind: tensors[f"{kind}.{name}"] for kind in _KINDS if f"{kind}.{name}" in tensors}
            if held:
                # A step in one kernel counts its steps where the weight lies.
                optimiser.state[weight] = {kind: value.to(weight.device) for kind, value in held.items()}
        return int(public["step"]), Seen(**public["seen"])

    def clear(self) -> None:
        """Remove both files: the run is over, and they hold what was to be forgotten."""
        for name in (STATE, BEST):
            (self._folder / name).unlink(missing_ok=True)

    def _metadata(self, more: dict[str, Any]) -> dict[str, Any]:
        return {"format": FORMAT, "fingerprint": self._fingerprint, **more}

    def _fill(self, tensors: dict[str, Tensor]) -> None:
        with torch.no_grad():
            for name, weight in self._named:
                weight.copy_(tensors[name])

    def _read(self, name: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
        with self._opened(name) as (public, file):
            return public, {key: file.get_tensor(key).clone() for key in file.keys()}  # noqa: SIM118 - no mapping

    @contextmanager
    def _opened(self, name: str) -> Iterator[tuple[dict[str, Any], Any]]:
        try:
            with safe_open(self._folder / name, "pt") as file:
                public = json.loads((file.metadata() or {})["obelus"])
                self._check(public)
                yield public, file
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise Refused("STATE_UNREADABLE", f"expected {FORMAT}.", "Remove the folder and start anew.") from error

    def _check(self, public: dict[str, Any]) -> None:
        if public.get("format") != FORMAT or public.get("fingerprint") != self._fingerprint:
            raise Refused(
                "STATE_OF_ANOTHER_RUN",
                "expected a state of this model, these rows and these parameters, found another.",
                "Give the run a folder of its own, or remove what lies there.",
            )


def _write(path: Path, tensors: dict[str, Tensor], public: dict[str, Any]) -> None:
    partial = path.with_name(path.name + ".partial")
    whole = {name: value.cpu().contiguous() for name, value in tensors.items()}
    save_file(whole, partial, metadata={"obelus": json.dumps(public, sort_keys=True)})
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(partial, path)
