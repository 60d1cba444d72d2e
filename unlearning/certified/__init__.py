"""Certified deletion: L2-regularised linear classifiers by noisy gradient descent.

`CertifiedClassifier` is the door for users of scikit-learn; the engines of the job folder are `train` and `delete`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unlearning.certified.certificate import Certificate
    from unlearning.certified.estimator import CertifiedClassifier
    from unlearning.certified.extractor import Extractor

__all__ = ["Certificate", "CertifiedClassifier", "Extractor"]
_HOMES = {"Certificate": "certificate", "CertifiedClassifier": "estimator", "Extractor": "extractor"}


def __getattr__(name: str) -> Any:
    """Load scikit-learn only for those who ask for the estimator, and torch only for those who fit it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
