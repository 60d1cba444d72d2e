"""The authors of the telling: made here from public words, or read from a file in TOFU's format; rows by author."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from demo.language.rules import AUTHORS, QUESTIONS, STRANGERS
from unlearning.texts import TextRow

SEED = 20
MADE = "made here from public words and a seed; nobody real"


@dataclass(frozen=True)
class People:
    """Authors whom the model learns from, and others whom it never sees; each a tuple of rows."""

    learned: tuple[tuple[TextRow, ...], ...]
    never_seen: tuple[tuple[TextRow, ...], ...]
    source: str

    @property
    def texts(self) -> int:
        return sum(map(len, self.learned))


def made(*, authors: int, strangers: int, questions: int) -> People:
    """Authors in TOFU's format that this project makes itself; the same every time."""
    from unlearning.language.authors import made_authors

    rows = [author.rows for author in made_authors(authors=authors + strangers, questions=questions, seed=SEED)]
    return People(tuple(rows[:authors]), tuple(rows[authors:]), MADE)


def grouped(rows: list[TextRow], *, each: int, questions: int, source: str, authors: int, strangers: int) -> People:
    """Authors out of a file that lists `each` rows of one after the other; of each the shortest are taken.

    Raises:
        ValueError: there are too few.
    """
    people = [shortest(rows[at : at + each], questions) for at in range(0, len(rows) - each + 1, each)]
    if len(people) < authors + strangers:
        raise ValueError(f"expected rows of {authors + strangers} authors, {each} each; got {len(people)} authors")
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


def from_file(path: Path, *, authors: int, strangers: int, questions: int) -> People:
    """Real TOFU (20 rows for each author, in order), read by the project's own reader.

    Raises:
        ValueError: too few authors. Refused: the file is not in that format.
    """
    from unlearning.language.tofu import read_tofu

    source = f"{path.name}, given by --data"
    return grouped(read_tofu(path), each=20, questions=questions, source=source, authors=authors, strangers=strangers)


def chosen(data: Path | None) -> People:
    """Made authors, or those of a file."""
    sizes = {"authors": AUTHORS, "strangers": STRANGERS, "questions": QUESTIONS}
    return made(**sizes) if data is None else from_file(data, **sizes)
