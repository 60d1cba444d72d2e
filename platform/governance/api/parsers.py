"""Bodies that are not JSON."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from governance.api.problems import TooLargeError

MOST_BYTES = 512 * 1024 * 1024


class ParquetParser(BaseParser):
    """The body is the file. Read to one byte past the limit, so that a missing Content-Length hides nothing."""

    media_type = "application/vnd.apache.parquet"

    def parse(self, stream: IO[Any], media_type: Any = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        data: bytes = stream.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise TooLargeError(f"A snapshot may have {MOST_BYTES} bytes.", remedy="Split the dataset.")
        return data
