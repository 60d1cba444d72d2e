"""Progress: step counts with rate and time left, and never anything computed from the data."""

from __future__ import annotations

import io

from unlearning.certified import CertifiedClassifier, bar
from unlearning.certified.bar import Bar


def test_a_callback_hears_every_step_with_rate_and_time_left(blobs):
    heard = []
    model = CertifiedClassifier(classes=range(3), steps=7, progress=lambda *told: heard.append(told))
    model.fit(*blobs(30))
    assert [told[:3] for told in heard] == [("training", step, 7) for step in range(1, 8)]
    assert all(rate > 0 and left_s >= 0 for *_, rate, left_s in heard)
    assert heard[-1][-1] == 0
    heard.clear()
    model.delete([0])
    assert {told[0] for told in heard} == {"deleting"}


def shown_after(monkeypatch, seconds, *, verbose=1):
    """What a bar of two steps shows when each takes so long."""
    clock = iter(step * seconds for step in range(3))
    monkeypatch.setattr(bar.time, "monotonic", lambda: next(clock))
    stream = io.StringIO()
    watch = Bar("training", 2, verbose=verbose, callback=None, stream=stream)
    watch(1)
    watch(2)
    return stream.getvalue()


def test_a_fit_of_a_second_shows_nothing(monkeypatch):
    assert shown_after(monkeypatch, 0.5) == ""


def test_a_longer_one_shows_steps_rate_and_time_left(monkeypatch):
    assert "training [############------------] 1/2 steps, 0.2 steps/s, 5 s left" in (
        text := shown_after(monkeypatch, 5)
    )
    assert text.endswith("2/2 steps, 0.2 steps/s, 0 s left  \n")


def test_nothing_is_shown_unless_asked_for(monkeypatch):
    assert shown_after(monkeypatch, 5, verbose=0) == ""
