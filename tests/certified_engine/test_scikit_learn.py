"""scikit-learn's own checks, but for those that two fits with fresh noise cannot pass."""

from __future__ import annotations

import warnings

import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.utils import estimator_checks

from unlearning.certified import CertifiedClassifier

# Each of these fits twice and wants equal results; the noise is drawn anew in every fit, or nothing would be certified.
EXPECTED_TO_FAIL = {
    "check_fit_idempotent": "fits twice on the same rows and compares the two models",
    "check_classifier_data_not_an_array": "fits on an array and on the same rows in a list, and compares the models",
    "check_supervised_y_2d": "fits on y and on y as a column, and compares the models",
}
SKIPPED_BY_SCIKIT_LEARN = {"check_array_api_input", "check_pipeline_consistency"}
MOST_TRIES = 12


def test_every_check_passes_but_those_that_fresh_noise_must_fail():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = estimator_checks.check_estimator(
            CertifiedClassifier(epsilon=30.0), expected_failed_checks=EXPECTED_TO_FAIL, on_fail=None
        )
    others = {found["check_name"]: found["status"] for found in results if found["check_name"] not in EXPECTED_TO_FAIL}
    assert set(others.values()) <= {"passed", "skipped"}, {
        name: what for name, what in others.items() if what != "passed"
    }
    assert {name for name, status in others.items() if status == "skipped"} <= SKIPPED_BY_SCIKIT_LEARN
    assert len(others) > 40


@pytest.mark.parametrize("name", sorted(EXPECTED_TO_FAIL))
def test_each_check_on_the_list_really_fails(name):
    # Strong noise: two fits differ in nearly every try, and a check that noise does not touch never fails.
    noisy = CertifiedClassifier(epsilon=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(MOST_TRIES):
            try:
                getattr(estimator_checks, name)("CertifiedClassifier", clone(noisy))
            except AssertionError:
                return
    pytest.fail(f"{name} passed {MOST_TRIES} times: take it off the list")


def test_it_works_inside_scikit_learns_tools(blobs):
    scores = cross_val_score(CertifiedClassifier(epsilon=100.0, classes=[0, 1, 2]), *blobs(90), cv=3)
    assert scores.mean() > 0.8
