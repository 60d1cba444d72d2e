"""What a model's answer to one row may tell of the row's membership. Pure functions. Letters: N rows, C classes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]


def losses(logits_NC: Floats, positions_N: Positions) -> Floats:
    """Cross-entropy of each row's own label; members' are smaller."""
    own_N = logits_NC[np.arange(len(logits_NC)), positions_N]
    each_N: Floats = logsumexp(logits_NC, axis=1) - own_N
    return each_N


def entropies(logits_NC: Floats, positions_N: Positions) -> Floats:
    """Entropy of each row's answer, in nats, whatever its label; members' are smaller."""
    logs_NC = logits_NC - logsumexp(logits_NC, axis=1, keepdims=True)
    each_N: Floats = -np.sum(np.exp(logs_NC) * logs_NC, axis=1)
    return each_N


def modified_entropies(logits_NC: Floats, positions_N: Positions) -> Floats:
    """-(1 - p_y) log p_y - sum over other classes of p_c log(1 - p_c) (Song and Mittal, 2021); members' are smaller.

    Unlike the entropy it tells a confident right answer from a confident wrong one.
    """
    total_N1 = logsumexp(logits_NC, axis=1, keepdims=True)
    logs_NC, rest_NC = logits_NC - total_N1, _log_rest(logits_NC) - total_N1
    each_NC = -np.exp(logs_NC) * rest_NC
    rows = np.arange(len(logits_NC))
    each_NC[rows, positions_N] = -np.exp(rest_NC[rows, positions_N]) * logs_NC[rows, positions_N]
    each_N: Floats = each_NC.sum(axis=1)
    return each_N


def confidences(logits_NC: Floats, positions_N: Positions) -> Floats:
    """log(p_y / (1 - p_y)), the scale on which confidences look normal (LiRA, section IV-C); members' are larger.

    Computed from logits: from p it would be infinite for every row that the model is sure of.
    """
    rows = np.arange(len(logits_NC))
    each_N: Floats = (logits_NC - _log_rest(logits_NC))[rows, positions_N]
    return each_N


def _log_rest(logits_NC: Floats) -> Floats:
    """For each class the log-sum-exp of all the others."""
    classes = range(logits_NC.shape[1])
    rest = [logsumexp(np.delete(logits_NC, label, axis=1), axis=1) for label in classes]
    rest_NC: Floats = np.stack(rest, axis=1)
    return rest_NC
