"""Base64 with one spelling per byte string.

An ordinary decoder ignores stray characters and the unused bits of the last one, so that 15 single-byte edits of one
signature decode alike. Here the text must equal the re-encoding of what it decodes to.
"""

from __future__ import annotations

import base64
import binascii


class Base64Error(ValueError):
    """Text that is not the standard, padded base64 of anything; ask the sender for the original."""


def encode(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def decode(text: object, *, size: int | None = None) -> bytes:
    """The bytes of strict base64, optionally of an exact size in bytes.

    Raises:
        Base64Error: another spelling, or another size.
    """
    if not isinstance(text, str):
        raise Base64Error(f"expected base64 text, found {type(text).__name__}")
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Base64Error(f"expected standard base64, found {text[:60]!r}") from error
    if encode(data) != text:
        raise Base64Error(f"expected the one base64 spelling of these bytes, found {text[:60]!r}")
    if size is not None and len(data) != size:
        raise Base64Error(f"expected {size} bytes in base64, found {len(data)}")
    return data
