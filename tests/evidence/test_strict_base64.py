"""One spelling per byte string."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence import strict_base64


@settings(deadline=None)
@given(st.binary(max_size=70))
def test_what_is_encoded_reads_back(data: bytes) -> None:
    assert strict_base64.decode(strict_base64.encode(data)) == data


@pytest.mark.parametrize("text", ["QQ", "QR==", "QQ==\n", "Q Q==", "-_-_", "QQ===", "é", 5, None, b"QQ=="])
def test_another_spelling_is_refused(text: object) -> None:
    with pytest.raises(strict_base64.Base64Error):
        strict_base64.decode(text)


def test_a_wrong_size_is_refused() -> None:
    with pytest.raises(strict_base64.Base64Error, match="expected 2 bytes"):
        strict_base64.decode("QQ==", size=2)


def test_every_single_byte_edit_is_refused_or_decodes_otherwise() -> None:
    text = strict_base64.encode(bytes(range(64)))
    lenient = 0
    for place in range(len(text)):
        for char in map(chr, range(128)):
            edited = text[:place] + char + text[place + 1 :]
            if edited == text:
                continue
            lenient += _reads_as(edited, bytes(range(64)))
            try:
                assert strict_base64.decode(edited) != bytes(range(64))
            except strict_base64.Base64Error:
                continue
    assert lenient > 0, "the lenient decoder must show the danger, else this test proves nothing"


def _reads_as(text: str, data: bytes) -> bool:
    try:
        return base64.b64decode(text) == data
    except ValueError:
        return False
