"""Places where a drill may hold the worker; no effect unless OBELUS_FAULT_DIR is set (see the runner's twin)."""

import os
import time
from pathlib import Path
from typing import Literal

Point = Literal["claimed", "laid_out", "stored", "recorded"]


def reach(point: Point) -> None:
    folder = os.environ.get("OBELUS_FAULT_DIR")
    if not folder:
        return
    Path(folder, f"{point}.reached").touch()
    while Path(folder, f"{point}.hold").exists():
        time.sleep(0.02)
