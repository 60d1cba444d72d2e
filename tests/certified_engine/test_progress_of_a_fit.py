"""Progress: step counts with rate and time left, and never anything computed from the data."""

from __future__ import annotations

import io

from unlearning.certified import CertifiedClassifier
from unlearning.certified.watching import watching
from unlearning.meter import Meter


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


def shown_after(seconds: float) -> str:
    """What is shown of two steps when each takes so long."""
    now, stream = [0.0], io.StringIO()
    after_step = watching("training", 2, meter=Meter(stream, clock=lambda: now[0]), callback=None)
    for step in (1, 2):
        now[0] += seconds
        after_step(step)
    return stream.getvalue()


def test_a_fit_of_a_second_shows_nothing():
    assert shown_after(0.5) == ""


def test_a_longer_one_shows_steps_rate_and_time_left():
    assert shown_after(5).startswith("training [##########----------] 1/2 steps, 0.2 steps/s, 5 s left\n")
    assert "2/2 steps, 0.1 steps/s, 0 s left" in shown_after(20)


def test_on_stderr_it_speaks_only_if_asked(blobs, capsys, monkeypatch):
    slow = iter(range(0, 10**6, 100))
    monkeypatch.setattr("unlearning.meter.Meter.__init__.__kwdefaults__", {"clock": lambda: next(slow)})
    CertifiedClassifier(classes=range(3), steps=7).fit(*blobs(30))
    assert capsys.readouterr().err == ""
    CertifiedClassifier(classes=range(3), steps=7, verbose=1).fit(*blobs(30))
    assert "training [" in capsys.readouterr().err
