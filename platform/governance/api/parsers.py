"""Bodies that are not JSON."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser


class ParquetParser(BaseParser):
    """The body is the file. How long it may be was asked before anything was read (base.ApiView)."""

    media_type = "application/vnd.apache.parquet"

    def parse(self, stream: IO[Any], media_type: Any = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        return stream.read()
