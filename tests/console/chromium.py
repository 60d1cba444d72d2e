"""Where a real Chromium may lie, and which tests could not be run for want of one."""

import os
import shutil

GIVEN = os.environ.get("OBELUS_CHROMIUM", "")
PLACES = [GIVEN] if GIVEN else ["/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome"]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NOT_RUN: list[str] = []


def found() -> str | None:
    return next((path for place in PLACES if (path := shutil.which(place))), None)
