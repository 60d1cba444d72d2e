"""Noise that nobody can subtract must still be exactly normal noise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from unlearning.certified import noise as noise_module
from unlearning.certified.noise import NoiseStream, box_muller


@pytest.fixture(scope="module")
def draws():
    with NoiseStream() as noise:
        return noise.normals(400_000)


def test_the_first_four_moments_are_those_of_a_normal(draws):
    # Six standard errors each: a correct stream fails once in a hundred million runs.
    n = len(draws)
    assert abs(draws.mean()) < 6 / np.sqrt(n)
    assert abs(draws.var() - 1) < 6 * np.sqrt(2 / n)
    assert abs(stats.skew(draws)) < 6 * np.sqrt(6 / n)
    assert abs(stats.kurtosis(draws)) < 6 * np.sqrt(24 / n)


def test_the_distribution_is_normal_by_kolmogorov_smirnov(draws):
    assert stats.kstest(draws, "norm").pvalue > 1e-7


def test_neighbours_and_the_two_halves_of_a_pair_do_not_correlate(draws):
    bound = 6 / np.sqrt(len(draws) / 2)
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < bound
    block = draws[: len(draws) // 16384 * 16384].reshape(-1, 2, 8192)
    cosine, sine = block[:, 0].ravel(), block[:, 1].ravel()
    assert abs(np.corrcoef(cosine, sine)[0, 1]) < bound
    assert abs(np.corrcoef(cosine**2, sine**2)[0, 1]) < bound


def test_no_two_streams_and_no_two_blocks_are_alike():
    with NoiseStream() as one, NoiseStream() as other:
        first, second = one.normals(16384), one.normals(16384)
        assert not np.isin(first, second).any()
        assert not np.isin(first, other.normals(16384)).any()


def test_pieces_of_any_size_come_from_one_stream(monkeypatch):
    monkeypatch.setattr(noise_module.os, "urandom", lambda count: bytes(count))
    with NoiseStream() as whole, NoiseStream() as pieces:
        expected = whole.normals(40_000)
        got = np.concatenate([pieces.normals(size) for size in (1, 31, 0, 16384, 23_584)])
    assert np.array_equal(expected, got)


def test_the_key_is_the_operating_systems_and_the_cipher_is_chacha20(monkeypatch):
    # RFC 8439 (draft vector, key and nonce zero, counter zero): the key stream begins 76 b8 e0 ad a0 f1 3d 90.
    monkeypatch.setattr(noise_module.os, "urandom", lambda count: bytes(count))
    with NoiseStream() as noise:
        assert noise._next_words()[0].tobytes().hex() == "76b8e0ada0f13d90"


def test_a_closed_stream_has_forgotten_its_key_and_gives_nothing():
    noise = NoiseStream()
    with noise:
        noise.normals(3)
        key = noise._key
    assert bytes(key) == bytes(32)
    with pytest.raises(RuntimeError, match="closed"):
        noise.normals(1)


def test_box_muller_on_the_extreme_words_is_finite():
    for first in (0, 2**64 - 1):
        for second in (0, 2**64 - 1):
            made = box_muller(np.array([first, second], dtype=np.uint64))
            assert np.isfinite(made).all()
            assert np.abs(made).max() < 8.6


def test_box_muller_of_a_hand_computed_pair():
    # u1 = 1/2 and a quarter turn: (0, sqrt(2 ln 2)).
    words = np.array([((2**52) - 1) << 11, (2**51) << 11], dtype=np.uint64)
    assert box_muller(words) == pytest.approx([0.0, np.sqrt(2 * np.log(2))], abs=1e-15)
