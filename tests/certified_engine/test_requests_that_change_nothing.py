"""Requests that cannot be done: a clear error with a remedy, and a model that is as it was."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unlearning.certified import CertifiedClassifier
from unlearning.certified.requests import RequestRefused


@pytest.fixture
def model(blobs):
    values, labels = blobs(30)
    settings = {"epsilon": 20.0, "classes": [0, 1, 2], "capacity": 33, "contribution_cap": 2}
    return CertifiedClassifier(**settings).fit(values, labels, subjects=[f"p{n // 2}" for n in range(30)])


def state(model):
    line = model._line
    parts = [(part.features.copy(), part.shrink.copy(), part.here.copy()) for part in line.rows.parts]
    return line.ledger, line.theta.tolist(), dict(line.rows.slot_of), dict(line.rows.subject_of), line.cancelled, parts


def refused(model, act):
    """The code of the refusal; the model must be what it was."""
    before = state(model)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the code is compared by the caller
        act()
    after = state(model)
    assert after[:5] == before[:5]
    for old, new in zip(before[5], after[5], strict=True):
        assert all(np.array_equal(one, other) for one, other in zip(old, new, strict=True))
    assert getattr(caught.value, "remedy", "said") != ""
    return getattr(caught.value, "code", str(caught.value))


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([99], "RECORD_UNKNOWN"),
        ([1, 99], "RECORD_UNKNOWN"),
        ([1, 1], "RECORD_REPEATED"),
        ([], "NO_RECORDS"),
        ([[1]], "NOT_AN_ID"),
        (range(30), "EMPTY_DATASET_AFTER_DELETION"),
        (range(28), "EMPTY_DATASET_AFTER_DELETION"),
    ],
)
def test_a_deletion_that_cannot_be_done_changes_nothing(model, records, code):
    assert refused(model, lambda: model.delete(records)) == code


def test_a_record_is_deleted_once_and_the_error_says_that_it_may_have_been(model):
    model.delete([4])
    assert refused(model, lambda: model.delete([4])) == "RECORD_UNKNOWN"
    with pytest.raises(RequestRefused, match="deleted before"):
        model.delete([4])


def test_no_refusal_repeats_the_id_it_was_given(model):
    with pytest.raises(RequestRefused) as caught:
        model.delete(["anna.karenina@example.org"])
    assert "anna" not in str(caught.value)


@pytest.mark.parametrize(
    ("values", "labels", "subjects", "code"),
    [
        ([[np.nan] * 5], [0], ["new"], "NaN"),
        ([[np.inf] * 5], [0], ["new"], "infinity"),
        ([[1.0] * 4], [0], ["new"], "features"),
        ([[1.0] * 5], [7], ["new"], "LABEL_UNKNOWN"),
        ([[1.0] * 5], [0], ["p3"], "CONTRIBUTION_CAP_EXCEEDED"),
        ([[1.0] * 5], [0], None, "SUBJECTS_MISSING"),
        ([[1.0] * 5], [0], ["new", "newer"], "LENGTH_MISMATCH"),
        ([[1.0] * 5] * 4, [0] * 4, list("abcd"), "CAPACITY_EXCEEDED"),
    ],
)
def test_an_insertion_that_cannot_be_done_changes_nothing(model, values, labels, subjects, code):
    assert code in refused(model, lambda: model.insert(values, labels, subjects=subjects))


def test_subjects_are_known_for_all_rows_or_for_none(blobs):
    model = CertifiedClassifier(classes=range(3), capacity=31).fit(*blobs(30))
    assert refused(model, lambda: model.insert([[1.0] * 5], [0], subjects=["new"])) == "SUBJECTS_MISSING"


def test_an_id_that_is_taken_is_refused(model):
    act = lambda: model.insert([[1.0] * 5], [0], record_ids=[3], subjects=["new"])  # noqa: E731
    assert refused(model, act) == "RECORD_REPEATED"


def test_a_deletion_under_reduced_precision_changes_nothing(model):
    with torch.autocast("cpu"):
        assert refused(model, lambda: model.delete([1])) == "REDUCED_PRECISION"


def test_an_interrupted_deletion_keeps_the_model_and_charges_the_draw(model):
    def stop(phase, step, steps, rate, left_s):
        raise KeyboardInterrupt

    before, model.progress = state(model), stop
    with pytest.raises(KeyboardInterrupt):
        model.delete([1])
    assert state(model)[:4] == before[:4]
    model.progress = None
    model.delete([1])
    names = [event.event for event in model.ledger_.events]
    assert names == ["trained", "released", "deleted", "draw_discarded", "steps", "released"]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"loss": "ridge"}, "LOSS_UNBOUNDED"),
        ({"loss": "squared_error"}, "LOSS_UNBOUNDED"),
        ({"loss": "hinge"}, "LOSS_UNFIT"),
        ({"loss": "binary"}, "LOSS_UNFIT"),
        ({"classes": [0]}, "CLASSES_UNFIT"),
        ({"classes": [0, 0, 1, 2]}, "CLASSES_UNFIT"),
        ({"classes": [0, 1]}, "LABEL_UNKNOWN"),
        ({"capacity": 29}, "CAPACITY_EXCEEDED"),
        ({"l2": 0.0}, "PARAMETER_UNFIT"),
        ({"epsilon": float("nan")}, "PARAMETER_UNFIT"),
        ({"delta": 1.0}, "DELTA_OUT_OF_RANGE"),
        ({"batch": 31}, "LEDGER_MALFORMED"),
        ({"step_size": "large"}, "STEP_SIZE_UNKNOWN"),
        ({"contribution_cap": 1}, "CONTRIBUTION_CAP_EXCEEDED"),
    ],
)
def test_a_fit_that_cannot_be_certified_is_refused(blobs, settings, code):
    values, labels = blobs(30)
    model = CertifiedClassifier(**{"classes": [0, 1, 2], "contribution_cap": 2} | settings)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the code is compared below
        model.fit(values, labels, subjects=[n // 2 for n in range(30)])
    assert caught.value.code == code
    assert not hasattr(model, "classes_")
