"""The result pages: tables in Markdown, small pictures, one folder."""

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
T_95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def write(name: str, text: str) -> None:
    """Put a page or a picture's text into the results."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / name).write_text(text)
    print(f"written: benchmarks/results/{name}", flush=True)


def mean_and_interval(values: Sequence[float]) -> tuple[float, float]:
    """The mean, and half the width of its 95 % interval by Student's t."""
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return mean, T_95[len(values) - 1] * spread / math.sqrt(len(values))


def save_picture(figure: Any, name: str) -> None:
    """A small PNG of few colours, without the time it was made, so that equal pictures are equal files."""
    from PIL import Image

    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=100, bbox_inches="tight", format="png")
    RESULTS.mkdir(exist_ok=True)
    Image.open(drawn).convert("RGB").quantize(128).save(RESULTS / name, optimize=True)
    print(f"written: benchmarks/results/{name}", flush=True)
