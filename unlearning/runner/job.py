"""What an engine is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unlearning.runner.jobfolder import Spec
from unlearning.runner.progress import Progress
from unlearning.runner.refusals import Refused


@dataclass(frozen=True)
class Job:
    """One run of one engine. `scratch` is an empty folder that vanishes afterwards; inputs are read-only.

    before_cancel: register what must be killed when the job is cancelled.
    """

    spec: Spec
    folder: Path
    scratch: Path
    progress: Progress
    before_cancel: Callable[[Callable[[], None]], None]

    @property
    def params(self) -> Mapping[str, Any]:
        """Checked parameters, defaults filled in."""
        return self.spec.params

    def input(self, name: str) -> Path:
        """Path of a named input.

        Raises: Refused with INPUT_MISSING.
        """
        if name not in self.spec.inputs:
            raise Refused("INPUT_MISSING", f"{self.spec.engine} needs an input {name!r}.", "Add it to the spec.")
        return self.spec.inputs[name]

    def rows(self, manifest: str, input_name: str) -> list[int]:
        """Row indexes that a manifest lists for an input.

        Raises: Refused with MANIFEST_MISSING.
        """
        try:
            return self.spec.manifests[manifest][input_name]
        except KeyError:
            raise Refused(
                "MANIFEST_MISSING",
                f"{self.spec.engine} needs manifest {manifest!r} for input {input_name!r}.",
                "Add it to the spec.",
            ) from None
