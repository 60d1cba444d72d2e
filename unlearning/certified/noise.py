"""Gaussian noise that nobody can subtract: ChaCha20 under a fresh key from the operating system, Box-Muller in float64.

torch's own generator takes 64 bits of seed and is no cipher, so a certificate may not stand on it (guarantees H8).
The key is never recorded; whoever knew it could remove the noise and the certificate with it.
"""

from __future__ import annotations

import os
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

_KEY_BYTES = 32
_PAIRS = 8192  # normals are made in blocks of twice this many
_TO_UNIT = 2.0**-53


class NoiseStream:
    """Standard normals from one fresh key. Use as a context manager: leaving wipes the key and what was not used.

    Wiping is best effort: the cipher library's own copy is freed with its context, not overwritten by us.
    """

    def __init__(self) -> None:
        self._key = bytearray(os.urandom(_KEY_BYTES))
        self._block = 0
        self._unused = np.empty(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._key[:] = bytes(_KEY_BYTES)
        self._key = bytearray()
        self._unused.fill(0.0)
        self._unused = np.empty(0)

    def normals(self, count: int) -> npt.NDArray[np.float64]:
        """`count` independent draws of N(0, 1), each given out once.

        Raises: RuntimeError after the stream was closed.
        """
        parts = []
        while count > 0:
            if not len(self._unused):
                self._unused = box_muller(self._next_words())
            taken, self._unused = self._unused[:count], self._unused[count:]
            parts.append(taken.copy())
            taken.fill(0.0)
            count -= len(parts[-1])
        return np.concatenate(parts) if parts else np.empty(0)

    def _next_words(self) -> npt.NDArray[np.uint64]:
        if not self._key:
            raise RuntimeError("expected an open noise stream; this one was closed and its key wiped")
        # A nonce of its own per block: the cipher's 32-bit block counter can never wrap within one.
        nonce = bytes(4) + self._block.to_bytes(12, "little")
        self._block += 1
        stream = Cipher(ChaCha20(bytes(self._key), nonce), mode=None).encryptor().update(bytes(_PAIRS * 16))
        return np.frombuffer(stream, dtype="<u8")


def box_muller(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.float64]:
    """Turn an even number of random 64-bit words into as many normals; the tail ends at 8.57."""
    half = len(words) // 2
    radius_part = ((words[:half] >> np.uint64(11)).astype(np.float64) + 1.0) * _TO_UNIT  # in (0, 1]: never log(0)
    angle = (words[half:] >> np.uint64(11)).astype(np.float64) * (2.0 * np.pi * _TO_UNIT)
    radius = np.sqrt(-2.0 * np.log(radius_part))
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
