"""Places where a drill may hold the runner, so that it can be killed at exactly that moment.

No effect unless OBELUS_FAULT_DIR is set. There, `<point>.reached` appears when the point is reached, and the runner
waits for as long as `<point>.hold` exists.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Literal

Point = Literal["started", "mid_run", "result_written"]


def reach(point: Point) -> None:
    """Tell a drill that this point is reached, and wait while it asks to."""
    folder = os.environ.get("OBELUS_FAULT_DIR")
    if not folder:
        return
    Path(folder, f"{point}.reached").touch()
    while Path(folder, f"{point}.hold").exists():
        time.sleep(0.02)
