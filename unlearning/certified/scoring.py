"""From the published weights to classes and shares; chunk by chunk, so that a memory map is never loaded whole.

Letters: N rows, F features, K outputs, C classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from unlearning.certified.given import opened
from unlearning.certified.line import Line
from unlearning.certified.rows import spans
from unlearning.linear import shrink_factors

Floats = npt.NDArray[np.float64]


class LinearScores(ClassifierMixin):  # type: ignore[misc] # scikit-learn has no types
    """scikit-learn's reading of a linear model: decision_function, predict, predict_proba, coef_, intercept_."""

    _line: Line
    classes_: npt.NDArray[Any]

    def decision_function(self, X: Any) -> Floats:
        """Scores of the shrunk rows: shape N for two classes (positive: the second), else N, C."""
        check_is_fitted(self)
        features = validate_data(self, opened(X), reset=False, dtype="numeric")
        logits = logits_of(self._line.theta, features, norm_bound=self._line.preparation.norm_bound)
        return logits[:, 0] if logits.shape[1] == 1 else logits

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The class with the largest score, one per row."""
        scores = self.decision_function(X)
        winners = (scores > 0.0).astype(np.int64) if scores.ndim == 1 else scores.argmax(axis=1)
        labels: npt.NDArray[Any] = self.classes_[winners]
        return labels

    def predict_proba(self, X: Any) -> Floats:
        """Shares of the classes, which add to one; noise makes them no frequencies."""
        scores = self.decision_function(X)
        return shares_of(scores[:, None] if scores.ndim == 1 else scores, loss=self._line.params["loss"])

    @property
    def coef_(self) -> Floats:
        """Published weights, shape K, F; read only."""
        return _read_only(self._fitted().theta[:, :-1])

    @property
    def intercept_(self) -> Floats:
        """Published intercepts, shape K; read only."""
        return _read_only(self._fitted().theta[:, -1])

    def _fitted(self) -> Line:
        check_is_fitted(self)
        return self._line


def _read_only(view: Floats) -> Floats:
    """The next run starts from the published weights: whoever scaled them here would move its start."""
    view.flags.writeable = False
    return view


def logits_of(theta_KG: Floats, features_NF: npt.NDArray[Any], *, norm_bound: float) -> Floats:
    """Logits_NK of the shrunk rows: exactly what the loss saw in training."""
    logits_NK = np.empty((len(features_NF), len(theta_KG)))
    for span in spans(len(features_NF), width=features_NF.shape[1]):
        rows_NF = np.asarray(features_NF[span], dtype=np.float64)
        shrink_N = shrink_factors(rows_NF, norm_bound=norm_bound)
        rows_NF = np.where(shrink_N[:, None] > 0.0, rows_NF, 0.0)  # too long to be squared: a row of zeros
        logits_NK[span] = (rows_NF @ theta_KG[:, :-1].T + theta_KG[:, -1]) * shrink_N[:, None]
    return logits_NK


def shares_of(logits_NK: Floats, *, loss: str) -> Floats:
    """Shares_NC that add to one, as the loss reads the logits; one-vs-rest ones are divided by their sum."""
    if loss.startswith("capped_"):
        return _uncapped(shares_of(logits_NK, loss=loss.removeprefix("capped_")))
    if loss == "softmax":
        raised_NK = np.exp(logits_NK - logits_NK.max(axis=1, keepdims=True))
        shares_NC: Floats = raised_NK / raised_NK.sum(axis=1, keepdims=True)
        return shares_NC
    apart_NK = _sigmoid(logits_NK)
    if loss == "binary":
        return np.hstack([_sigmoid(-logits_NK), apart_NK])
    divided_NC: Floats = apart_NK / apart_NK.sum(axis=1, keepdims=True)
    return divided_NC


def _uncapped(shares_NC: Floats) -> Floats:
    """The chances that make these logits the best under a capped loss.

    Best means that the pulls cancel: sum over labels y of chance_y q(y) = chance, where q(y) are the shares, or, where
    y has less than half, 1/2 for y and the others in proportion. That chain is reversible: chance ~ p max(1/2, 1 - p).
    """
    weighed_NC = shares_NC * np.maximum(0.5, 1.0 - shares_NC)
    found_NC: Floats = weighed_NC / weighed_NC.sum(axis=1, keepdims=True)
    return found_NC


def _sigmoid(logits: Floats) -> Floats:
    halved: Floats = 0.5 * (1.0 + np.tanh(0.5 * logits))
    return halved
