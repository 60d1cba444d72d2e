"""A call that is interrupted or refused: what it costs, and that it leaves nothing behind."""

from __future__ import annotations

import traceback

import numpy as np
import pytest

from unlearning.accounting import price
from unlearning.certified import CertifiedClassifier
from unlearning.certified.requests import RequestRefused


class Enough(Exception):  # noqa: N818 - what it says
    """What a user's own callback may raise to stop a run."""


def stop(phase, step, steps, rate, left_s):
    if step == 2:
        raise Enough


def fitted(blobs, **more):
    values, labels = blobs(60)
    settings = {"epsilon": 5.0, "delta": 1e-4, "deletion_epsilon": 2.0, "classes": range(3), "capacity": 62, "l2": 0.05}
    return CertifiedClassifier(**settings | more).fit(values, labels)


def locals_of(error):
    """Every local variable in the frames of a traceback below this test, and below those it came from."""
    found = {}
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if "/unlearning/" in frame.f_code.co_filename:
                found |= {f"{frame.f_code.co_name}.{name}": value for name, value in frame.f_locals.items()}
        error = error.__cause__ or error.__context__
    return found


@pytest.mark.parametrize("batch", [None, 20])
def test_after_an_interrupted_run_the_next_deletion_still_reaches_its_target(blobs, batch):
    model = fitted(blobs, batch=batch)
    model.progress = stop
    for _ in range(3):
        with pytest.raises(Enough):
            model.delete([1])
    model.progress = None
    plain, paid = fitted(blobs, batch=batch).delete([1]), model.delete([1])
    assert [event.event for event in model.ledger_.events].count("draw_discarded") == 3
    assert model.certificate_.a_epsilon <= 2.0
    assert paid.steps > plain.steps or paid.route == "retrain"


def test_any_error_that_ends_a_run_is_a_draw_and_a_refusal_is_none(blobs):
    model = fitted(blobs)
    with pytest.raises(RequestRefused):
        model.delete(["nobody"])
    assert model._line.cancelled == 0
    model.progress = stop
    with pytest.raises(Enough):
        model.insert([[0.0] * 5], [0], record_ids=["new"])
    assert model._line.cancelled == 1 and len(model.slots_) == 60


@pytest.mark.parametrize("act", ["fit", "delete", "insert"])
def test_a_traceback_keeps_no_iterate_no_noise_and_no_row(blobs, act):
    values, labels = blobs(60)
    model = fitted(blobs)
    model.progress = stop
    calls = {
        "fit": lambda: model.fit(values, labels),
        "delete": lambda: model.delete([1]),
        "insert": lambda: model.insert(values[:1], labels[:1], record_ids=["new"]),
    }
    with pytest.raises(Enough) as caught:
        calls[act]()
    names = {name.split(".")[0] for name in locals_of(caught.value)}
    assert names == {"call"}, "only the door's own arguments, which the caller has anyway"


def test_the_frames_of_the_callers_own_errors_are_left_alone(blobs):
    model = fitted(blobs)

    def broken():
        clue = "needed for debugging"
        raise KeyError(clue)

    def deletes_while_it_handles_another_error():
        try:
            broken()
        except KeyError:
            with pytest.raises(RequestRefused):
                model.delete(["nobody"])
            raise

    with pytest.raises(KeyError) as mine:
        deletes_while_it_handles_another_error()
    assert mine.traceback[-1].frame.f_locals["clue"] == "needed for debugging"


def test_a_fit_that_fails_leaves_the_model_before_it_and_its_columns(blobs):
    values, labels = blobs(60)
    model = fitted(blobs)
    before = model.predict(values)
    with pytest.raises(RequestRefused):
        model.fit(np.hstack([values, values]), labels + 7)
    assert np.array_equal(model.predict(values), before) and model.n_features_in_ == 5


def test_interrupted_draws_are_priced_where_the_certificate_is_read(blobs):
    model = fitted(blobs)
    model.progress = stop
    with pytest.raises(Enough):
        model.delete([1])
    model.progress = None
    model.delete([1])
    assert model.certificate_.price == price(model.ledger_, delta=1e-4)
