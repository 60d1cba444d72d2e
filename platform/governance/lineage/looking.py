"""Looking at a file of rows before it is taken in: counts only, nothing is written and nothing is kept.

Who in it was erased before is not looked at here: that would be an oracle without an entry. Taking it in answers that,
and the trail says that it was asked.
"""

from dataclasses import dataclass

from governance.lineage.text_rows import file_of_json
from governance.lineage.text_uploads import TextUpload, read_text_upload
from governance.lineage.uploads import Upload, read_upload

PARQUET = b"PAR1"


@dataclass(frozen=True, kw_only=True)
class Understood:
    """rows and people of a file; planted: canaries among the rows. Of texts, how many rows have each part beside."""

    rows: int
    people: int
    planted: int
    features: int = 0
    paraphrase: int = 0
    restated: int = 0
    wrong: int = 0


def look(*, kind: str, feature_width: int, rows_per_subject: int, parquet: bytes) -> Understood:
    """What `take_snapshot` would read of this file, by the same readers.

    Raises: Invalid, as uploads.read_upload and text_uploads.read_text_upload.
    """
    if kind == "texts":
        return of_texts(read_text_upload(parquet, rows_per_subject=rows_per_subject))
    upload = read_upload(parquet, width=feature_width, rows_per_subject=rows_per_subject)
    return Understood(features=feature_width, **people_in(upload))


def of_texts(upload: TextUpload) -> Understood:
    texts = upload.texts
    return Understood(
        **people_in(upload),
        paraphrase=sum(text.paraphrase is not None for text in texts),
        restated=sum(text.restated is not None for text in texts),
        wrong=sum(bool(text.wrong) for text in texts),
    )


def people_in(upload: Upload | TextUpload) -> dict[str, int]:
    return {"rows": len(upload), "people": len(set(upload.subjects)), "planted": sum(upload.planted)}


def as_parquet(kind: str, data: bytes) -> bytes:
    """The file as the house takes it in: Parquet as it is; of texts also JSON, whole or one row a line.

    Raises: Invalid: bad_rows.
    """
    return file_of_json(data) if kind == "texts" and not data.startswith(PARQUET) else data
