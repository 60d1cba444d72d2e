"""The authors of the telling: made here from public words, or read from a file in TOFU's format; rows by author."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from demo.language.rules import TESTED_ON, Sizes
from unlearning.texts import TextRow

SEED = 20
FEWEST = 18  # ten requests, authors who stay, and never-seen ones for two purposes
WHOLE = "full.jsonl"  # everybody's questions, as TOFU's folder names them
MADE = "made here from public words and a seed; nobody real"


@dataclass(frozen=True)
class People:
    """Authors whom the model learns from, and others whom it never sees; each a tuple of rows."""

    learned: tuple[tuple[TextRow, ...], ...]
    never_seen: tuple[tuple[TextRow, ...], ...]
    source: str

    @property
    def rows(self) -> list[TextRow]:
        """Everybody's."""
        return [row for author in (*self.learned, *self.never_seen) for row in author]

    @property
    def tested_on(self) -> tuple[tuple[TextRow, ...], ...]:
        """Of the never-seen, those whom the house compares with; the others judge what happens beside it."""
        return self.never_seen[:TESTED_ON]

    @property
    def texts(self) -> int:
        return sum(map(len, self.learned))


def made(sizes: Sizes) -> People:
    """Authors in TOFU's format that this project makes itself; the same every time."""
    from unlearning.language.authors import made_authors

    found = made_authors(authors=sizes.authors + sizes.strangers, questions=sizes.texts, seed=SEED)
    return divided([author.rows for author in found], sizes, source=MADE)


def divided(people: list[tuple[TextRow, ...]], sizes: Sizes, *, source: str) -> People:
    """The first authors are learned from, the next ones never seen; where there are too few, a third is never seen.

    Raises:
        ValueError: there are not enough for ten requests and a comparison.
    """
    authors, strangers = sizes.authors, sizes.strangers
    if len(people) < authors + strangers:
        strangers = len(people) // 3
        authors = len(people) - strangers
    if len(people) < min(FEWEST, sizes.authors + sizes.strangers):
        raise ValueError(f"expected rows of at least {FEWEST} authors, got {len(people)}: name a file with more")
    return People(tuple(people[:authors]), tuple(people[authors : authors + strangers]), source)


def shortest(rows: list[TextRow], questions: int) -> tuple[TextRow, ...]:
    """In the order of the file, so that nobody can tell from their place which ones were taken."""
    kept = sorted(rows, key=lambda row: (len(row.prompt) + len(row.answer), row.slot))[:questions]
    return tuple(sorted(kept, key=lambda row: row.slot))


def subject(number: int, *, who: str = "author") -> str:
    return f"{who}-{number:02d}@letters.example"


def upload(authors: tuple[tuple[TextRow, ...], ...], *, who: str) -> bytes:
    """A Parquet file as the API takes texts: one row for each question, with its author as the subject."""
    rows: list[dict[str, Any]] = [
        {
            "record_id": f"{who}-{number:02d} text {place:02d}",
            "subject": subject(number, who=who),
            "prompt": row.prompt,
            "answer": row.answer,
            "paraphrase": row.paraphrase,
            "restated": row.restated,
            "wrong": list(row.wrong),
        }
        for number, author in enumerate(authors)
        for place, row in enumerate(author)
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    texts = pa.string()
    kinds = {"wrong": pa.list_(texts)}
    table = pa.table({name: pa.array(values, kinds.get(name, texts)) for name, values in columns.items()})
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    return buffer.getvalue()


def from_file(path: Path, sizes: Sizes) -> People:
    """Real TOFU, read by the project's own reader; of each author the shortest texts. A folder: its WHOLE file.

    Raises:
        ValueError: too few authors. Refused: there is no such file, or it is not in such a format.
    """
    from unlearning.language.tofu import imported

    path = path / WHOLE if path.is_dir() else path
    found = imported(path)
    names = [name for name in dict.fromkeys(found.subjects) if name]
    people = [shortest(found.of(name), sizes.texts) for name in names]
    return divided(people, sizes, source=f"{path.name}, given by --data")


def chosen(data: Path | None, sizes: Sizes) -> People:
    """Made authors, or those of a file."""
    return made(sizes) if data is None else from_file(data, sizes)
