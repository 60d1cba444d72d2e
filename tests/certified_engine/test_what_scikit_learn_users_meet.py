"""Tables, scorers, grids and mistakes that somebody from scikit-learn brings along."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from unlearning.certified import CertifiedClassifier
from unlearning.certified.requests import RequestRefused


def test_classes_declared_in_any_order_are_read_rightly_by_every_scorer(blobs):
    for names, scorer, least in ((["b", "a"], "roc_auc", 0.9), (["c", "a", "b"], "roc_auc_ovr", 0.9)):
        values, labels = blobs(150, classes=len(names))
        said = np.array(sorted(names))[labels]
        model = CertifiedClassifier(epsilon=100.0, classes=names).fit(values, said)
        assert model.classes_.tolist() == sorted(names)
        assert get_scorer(scorer)(model, values, said) > least
        assert get_scorer("neg_log_loss")(model, values, said) > -np.log(len(names))


def test_a_grid_of_numpys_numbers_is_searched_inside_a_pipeline(blobs):
    values, labels = blobs(90)
    pipe = make_pipeline(
        FunctionTransformer(lambda rows: rows / 4.0), CertifiedClassifier(epsilon=50.0, classes=[0, 1, 2])
    )
    grid = {
        "certifiedclassifier__batch": np.array([15, 30]),
        "certifiedclassifier__l2": np.array([0.02, 0.1], dtype=np.float32),
        "certifiedclassifier__deletion_epsilon": np.array([9.0], dtype=np.float32),
        "certifiedclassifier__contribution_cap": np.array([1]),
    }
    search = GridSearchCV(pipe, grid, cv=2, error_score="raise").fit(values, labels)
    best = search.best_estimator_[-1]
    best.delete([1])
    assert best.ledger_.problem.batch in (15, 30) and best.certificate_.a_epsilon <= 9.0


@pytest.mark.parametrize("name", ["batch", "capacity", "steps", "contribution_cap"])
@pytest.mark.parametrize("value", [0, -3, 2.5, True, "7"])
def test_a_count_that_is_none_is_refused_in_words(blobs, name, value):
    with pytest.raises(RequestRefused) as refused:
        CertifiedClassifier(classes=range(3), **{name: value}).fit(*blobs(30))
    assert refused.value.code == "PARAMETER_UNFIT" and name in refused.value.message


def test_a_fit_that_failed_is_no_fit(blobs):
    values, labels = blobs(30)
    model = CertifiedClassifier(classes=[0, 1])
    with pytest.raises(RequestRefused):
        model.fit(values, labels)
    for act in (lambda: model.predict(values), lambda: model.delete([1]), lambda: model.certificate_):
        with pytest.raises(NotFittedError):
            act()


@pytest.mark.parametrize("name", ["record_ids", "subjects"])
def test_a_gap_in_a_column_of_ids_is_refused(blobs, name):
    column = np.arange(30, dtype=float)
    column[3] = column[7] = np.nan  # two people without a name are not one, and none of them could ever be deleted
    with pytest.raises(RequestRefused) as refused:
        CertifiedClassifier(classes=range(3)).fit(*blobs(30), **{name: column})
    assert refused.value.code == "NOT_AN_ID"


def test_the_published_weights_cannot_be_scaled_in_place(blobs):
    model = CertifiedClassifier(classes=range(3), epsilon=9.0).fit(*blobs(30))
    before = model.coef_.copy()
    for shown in (model.coef_, model.intercept_):
        with pytest.raises(ValueError, match="read-only"):
            shown *= 100.0
    model.delete([1])
    assert not np.array_equal(model.coef_, before)


@pytest.mark.parametrize("seen", [np.s_[::-1], np.s_[:, ::-1], np.s_[::2], np.s_[:, ::2]], ids=str)
@pytest.mark.parametrize("kind", [np.float64, np.float16, ">f8", object])
def test_any_view_of_an_array_is_learned_as_its_copy(blobs, known_noise, seen, kind):
    values, labels = blobs(40)
    rows, said = values.astype(kind)[seen], labels[seen] if isinstance(seen, slice) else labels
    both = []
    for given in (rows, np.array(rows, dtype=np.float64)):
        model = CertifiedClassifier(classes=range(3), epsilon=20.0).fit(given, said)
        model.delete([1])
        both.append(model.coef_)
    assert both[0] == pytest.approx(both[1], abs=1e-6)


def test_weights_given_by_position_are_not_taken_for_ids(blobs):
    values, labels = blobs(30)
    with pytest.raises(TypeError, match="positional"):
        CertifiedClassifier(classes=range(3)).fit(values, labels, np.random.default_rng(0).random(30))
