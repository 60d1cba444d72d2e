"""Places where a drill may hold the worker; no effect unless OBELUS_FAULT_DIR is set (see the runner's twin).

`<point>.hold` in that folder holds every job, in its subfolder named as a job's ref only that one; so one blow can
meet jobs at every boundary at once.
"""

import os
import time
from pathlib import Path
from typing import Literal

Point = Literal["claimed", "laid_out", "stored", "recorded"]
VARIABLE = "OBELUS_FAULT_DIR"


def reach(point: Point, ref: str) -> None:
    base = os.environ.get(VARIABLE)
    if not base:
        return
    for folder in (Path(base), Path(base, ref)):
        if folder.is_dir():
            Path(folder, f"{point}.reached").touch()
        while Path(folder, f"{point}.hold").exists():
            time.sleep(0.02)


def passed_on(ref: str) -> dict[str, str]:
    """What the runner of this job is told."""
    base = os.environ.get(VARIABLE)
    if not base:
        return {}
    own = Path(base, ref)
    return {VARIABLE: str(own) if own.is_dir() else base}
