"""A scikit-learn classifier that can forget: fit, delete, insert, and a certificate of what that is worth.

Every model that `predict` can reach counts as released. That is the safe default: nobody has to remember to say so, and
a deletion never takes credit for a model having been secret.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from unlearning.accounting import AccountingError
from unlearning.certified import line as lines
from unlearning.certified.aftermath import leaves_nothing
from unlearning.certified.claims import Claims
from unlearning.certified.deletion import Deletion
from unlearning.certified.entering import classes_of, joined, request_of, returned
from unlearning.certified.extractor import Extractor, same_extractor
from unlearning.certified.freezing import freeze, preparation_of
from unlearning.certified.given import columns_of, given, plain_ids
from unlearning.certified.requests import as_requests_refused
from unlearning.certified.saving import load_classifier, save_classifier
from unlearning.certified.scoring import LinearScores
from unlearning.certified.store import Store
from unlearning.certified.watching import Callback, watching
from unlearning.meter import Meter, silent
from unlearning.runner.refusals import Refused


class CertifiedClassifier(LinearScores, Claims, BaseEstimator):  # type: ignore[misc] # scikit-learn has no types
    """An L2-regularised linear classifier with certified deletion (noisy gradient descent, certified_deletion 2.2).

    epsilon, delta: B of one subject after the first release, all their rows together. deletion_epsilon: A to reach by
    each deletion (default: half of epsilon). norm_bound: every row, its constant 1 for the intercept included, is
    shrunk by itself to this public length. classes: every class there can be; an empty one is legal. capacity: n_0, the
    fixed number of slots (default: the rows of the first fit). batch: cyclic mini-batches of so many slots. l2,
    relaxations, steps, step_size: see `accounting.recommend`. All are public and must not be tuned on the people in X.
    loss: "auto" (binary for two classes, else softmax), "softmax", "one_vs_rest", or "capped": as auto with half of
    the noise, because no row may pull harder than at the start; the most accurate. device: "cpu" or "cuda".
    progress: called with (phase, step, steps, steps per second, seconds left). verbose: a bar on stderr after 2 s.
    copy_X: False hands arrays over: a deletion overwrites the rows in X itself instead of copying those who stay.

    >>> from unlearning.certified import CertifiedClassifier
    >>> model = CertifiedClassifier(epsilon=3.0, delta=1e-5, classes=[0, 1])
    """

    def __init__(
        self,
        *,
        epsilon: float = 1.0,
        delta: float = 1e-5,
        l2: float = 0.01,
        norm_bound: float = 1.0,
        classes: Any = None,
        loss: str = "auto",
        batch: int | None = None,
        deletion_epsilon: float | None = None,
        contribution_cap: int = 1,
        capacity: int | None = None,
        relaxations: float = 3.0,
        steps: int | None = None,
        step_size: str = "best",
        device: str = "cpu",
        progress: Callback | None = None,
        verbose: int = 0,
        copy_X: bool = True,
    ) -> None:
        self.epsilon = epsilon
        self.delta = delta
        self.l2 = l2
        self.norm_bound = norm_bound
        self.classes = classes
        self.loss = loss
        self.batch = batch
        self.deletion_epsilon = deletion_epsilon
        self.contribution_cap = contribution_cap
        self.capacity = capacity
        self.relaxations = relaxations
        self.steps = steps
        self.step_size = step_size
        self.device = device
        self.progress = progress
        self.verbose = verbose
        self.copy_X = copy_X

    @leaves_nothing
    def fit(
        self, X: Any, y: Any, *, record_ids: Any = None, subjects: Any = None, extractor: Extractor | None = None
    ) -> Self:
        """Train the first model of a new line and freeze sigma, eta, step counts and n_0.

        X: array, or path of an .npy file, or memory map, which is read in chunks. It is borrowed, not copied, until the
        first deletion (copy_X=False: kept, and overwritten by deletions): do not change it. record_ids: one id per row
        (default: 0, 1, ...). subjects: whose row it is (default: every row its own person). extractor: where the
        features come from, if a network made them.
        Raises: ValueError, and RequestRefused, which is one, with a code and a remedy.
        """
        fresh = copy(self)  # a fit that fails changes nothing, not even the number of columns expected
        rows = given(fresh, X, y, reset=True, least=2)
        classes, gaps = classes_of(self.classes, rows, extractor)
        request = request_of(self, classes=len(classes), rows=rows)
        with as_requests_refused():
            params = freeze(request)
        slots = range(len(rows.labels))
        store = joined(
            Store(request.n_0), rows, classes, slots, params, ids=record_ids, subjects=subjects, extractor=extractor
        )
        with as_requests_refused():
            line = lines.trained(params, preparation_of(request), store, device=self.device, watch=self._watch)
        self._line = line
        self.classes_, self._gaps, self._extractor = classes, gaps, extractor
        self.__dict__.pop("feature_names_in_", None)
        self.__dict__.update(columns_of(fresh))
        return self

    @leaves_nothing
    def delete(self, record_ids: Any) -> Deletion:
        """Delete records: the fewest noisy steps on the rest that reach deletion_epsilon, or retraining if not longer.

        Afterwards neither rows nor ids of the deleted are held here. An unfit request changes nothing.
        Raises: RequestRefused (NO_RECORDS, RECORD_UNKNOWN, RECORD_REPEATED, ROWS_MISSING, ROWS_CHANGED),
        AccountingError (EMPTY_DATASET_AFTER_DELETION, ...).
        """
        check_is_fitted(self)
        line = replace(self._line, device=self.device)
        slots = line.rows.slots_for(plain_ids(record_ids, name="record_ids"))
        choice = lines.planned(line, len(slots), epsilon=self._target(), delta=self.delta)
        self._advance(lambda: lines.deleted(line, slots, choice, delta=self.delta, watch=self._watch))
        self._line.rows.settle()
        return Deletion(
            route=choice.route,
            records=len(slots),
            steps=choice.steps,
            steps_to_delete=choice.delete_steps,
            steps_to_retrain=line.params["steps"],
        )

    @leaves_nothing
    def insert(
        self, X: Any, y: Any, *, record_ids: Any = None, subjects: Any = None, extractor: Extractor | None = None
    ) -> Self:
        """Add rows into free slots and take one relaxation time of noisy steps, 1 / (eta l2), fixed at the first fit.

        A row takes the lowest slot never used, or, when all were used, the lowest tombstone.
        Raises: RequestRefused (CAPACITY_EXCEEDED, RECORD_REPEATED, CONTRIBUTION_CAP_EXCEEDED, LABEL_UNKNOWN,
        EXTRACTOR_DIFFERS, ...), ValueError in scikit-learn's words.
        """
        check_is_fitted(self)
        line, rows = replace(self._line, device=self.device), given(self, X, y, reset=False)
        extractor = self._same_extractor(extractor)
        slots = line.rows.free_slots(len(rows.labels))
        store = joined(
            line.rows,
            rows,
            self.classes_,
            slots,
            line.params,
            ids=record_ids,
            subjects=subjects,
            extractor=extractor,
        )
        steps = math.ceil(1.0 / (line.params["eta"] * line.params["lam"]))
        self._advance(lambda: lines.inserted(line, store, len(slots), steps=steps, watch=self._watch))
        return self

    @leaves_nothing
    def give_rows(
        self,
        X: Any,
        y: Any,
        *,
        record_ids: Any = None,
        subjects: Any = None,
        slots: Any = None,
        extractor: Extractor | None = None,
    ) -> Self:
        """After `load`: hand over the rows that are still in the model, so that it can delete and insert again.

        slots: what `slots_` said of these records before saving; needed with mini-batches, where a slot is for life.
        Raises: RequestRefused (ROWS_DIFFER, SLOTS_MISSING, EXTRACTOR_DIFFERS, ...).
        """
        check_is_fitted(self)
        rows = given(self, X, y, reset=False)
        extractor = self._same_extractor(extractor)
        store = returned(self._line, rows, self.classes_, slots, ids=record_ids, subjects=subjects, extractor=extractor)
        self._line, self._extractor = replace(self._line, store=store), extractor
        return self

    def save(self, folder: Path | str) -> None:
        """Write the published model, its ledger and its public constants into a new folder; never a row or an id.

        Raises: FileExistsError; RequestRefused with CLASSES_UNSAVABLE.
        """
        check_is_fitted(self)
        save_classifier(self, Path(folder))

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Read a saved classifier: it predicts and shows its certificate; to delete again it needs `give_rows`.

        Raises: Refused with MODEL_UNREADABLE, AccountingError.
        """
        loaded: Self = load_classifier(cls, Path(folder))
        return loaded

    @property
    def slots_(self) -> dict[Hashable, int]:
        """The permanent slot of every record. Keep it beside your data if you use mini-batches."""
        return dict(self._fitted().rows.slot_of)

    def __getstate__(self) -> dict[str, Any]:
        """Copies and pickles hold no rows and nobody's id, those of the extractor's people included."""
        state = {**super().__getstate__()}
        if "_line" in state:
            state |= {"_line": self._line.without_rows(), "_extractor": self._extractor and self._extractor.unnamed}
        return state

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_line")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True  # fresh noise in every fit, or there would be nothing to certify
        return tags

    def _advance(self, run: Callable[[], lines.Line]) -> None:
        """Move on to the next model. Whoever ends a run, a callback's error included, has chosen: the draw is charged
        to the next one (H4)."""
        try:
            with as_requests_refused():
                self._line = run()
        except (Refused, AccountingError):
            raise
        except BaseException:
            self._line = lines.cancelled(self._line)
            raise

    def _watch(self, phase: str, steps: int) -> Callable[[int], None]:
        return watching(phase, steps, meter=Meter() if self.verbose else silent(), callback=self.progress)

    def _same_extractor(self, extractor: Extractor | None) -> Extractor | None:
        return same_extractor(self._extractor, extractor, uncovered="EXTRACTOR_UNKNOWN" in self._gaps)
