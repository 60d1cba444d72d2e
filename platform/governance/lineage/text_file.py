"""The stored object of a dataset of texts: one Parquet file that engines read as unlearning.texts describes it.

Columns slot int64, prompt and answer string, paraphrase and restated nullable string, wrong list<string>. Laid out and
salted as `dataset_file` lays out numbers, for the same reasons: a search for a person's words finds them, no statistic
keeps one, and the digest answers no guess.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from governance.lineage.dataset_file import salted_file

ROW = b"obelus/text-row/1\0"
COLUMNS = {
    "slot": pa.int64(),
    "prompt": pa.string(),
    "answer": pa.string(),
    "paraphrase": pa.string(),
    "restated": pa.string(),
    "wrong": pa.list_(pa.string()),
}


@dataclass(frozen=True)
class Text:
    """What one row says: a prompt and its answer; both in other words; and answers that would be wrong."""

    prompt: str
    answer: str
    paraphrase: str | None = None
    restated: str | None = None
    wrong: tuple[str, ...] = ()

    def digest(self) -> bytes:
        """SHA-256 (32 bytes) over every part with its length before it, so that no two texts share one."""
        parts = [self.prompt, self.answer, self.paraphrase, self.restated, *self.wrong]
        return hashlib.sha256(ROW + b"".join(framed(part) for part in parts)).digest()


def framed(part: str | None) -> bytes:
    """A missing part is not an empty one."""
    if part is None:
        return b"\0"
    data = part.encode()
    return b"\1" + len(data).to_bytes(8, "little") + data


@dataclass(frozen=True)
class Texts:
    """N rows of text with their slots, in the same order."""

    slots: list[int]
    rows: list[Text]

    def __len__(self) -> int:
        return len(self.slots)

    def pick(self, places: list[int]) -> "Texts":
        """The rows at these places, in this order."""
        return Texts([self.slots[place] for place in places], [self.rows[place] for place in places])

    def digests(self) -> list[bytes]:
        """SHA-256 (32 bytes) of each row's content."""
        return [row.digest() for row in self.rows]

    def to_bytes(self) -> bytes:
        """The object's bytes; the salt makes them new each time."""
        return write_texts(self)


def write_texts(texts: Texts) -> bytes:
    rows = texts.rows
    columns = {
        "slot": texts.slots,
        "prompt": [row.prompt for row in rows],
        "answer": [row.answer for row in rows],
        "paraphrase": [row.paraphrase for row in rows],
        "restated": [row.restated for row in rows],
        "wrong": [list(row.wrong) for row in rows],
    }
    return salted_file({name: pa.array(columns[name], kind) for name, kind in COLUMNS.items()}, rows=len(texts))


def read_texts(path: Path) -> Texts:
    """Every row of an object of ours."""
    table = pq.read_table(path, columns=list(COLUMNS))
    found = zip(*(table.column(name).to_pylist() for name in COLUMNS if name != "slot"), strict=True)
    rows = [Text(prompt, answer, again, restated, tuple(wrong)) for prompt, answer, again, restated, wrong in found]
    return Texts(table.column("slot").to_pylist(), rows)
