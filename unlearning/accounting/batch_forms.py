"""Full batch or cyclic mini-batches: which form of the same noisy descent deletes with the fewest row gradients.

The same law: lam, eta and sigma stay, so the noise about the minimiser stays. A step of b rows is n/b times cheaper,
its drift n/b times larger and n/b times rarer; the last slot of a pass has the least noise after it. A few mini-batches
cost nearly nothing, many cost the people still present: a form whose first release would exceed its target is out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from unlearning.accounting.descent import Descent
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.gdp import GdpBound, mu_for
from unlearning.accounting.inverses import deletion_steps_of
from unlearning.accounting.noisy_descent import learning_bound_of


@dataclass(frozen=True, kw_only=True)
class BatchForm:
    """One form: `batch` None is the full batch; row gradients are steps times rows of a step."""

    batch: int | None
    steps_learn: int
    steps_delete: int
    learning: GdpBound
    deletion: GdpBound
    learn_row_gradients: int
    delete_row_gradients: int


def batch_forms(
    descent: Descent,
    *,
    steps_learn: int,
    epsilon_learn: float,
    epsilon_delete: float,
    delta: float,
    group: int = 1,
    batches: Sequence[int] | None = None,
) -> tuple[BatchForm, ...]:
    """The forms allowed, cheapest deletion first (the full batch first among equals); `batches` defaults to n/2, n/3,
    n/4, n/8 ... n/64 and the full batch.

    `steps_learn` counts steps of the full batch; mini-batches take as many, rounded up to whole passes. From public
    facts only: choose before any row is read, and freeze it.
    Raises: DELTA_OUT_OF_RANGE, TARGET_OUT_OF_RANGE; NO_CONTRACTION under assumption `none`.
    """
    allowed, target = mu_for(epsilon=epsilon_learn, delta=delta), mu_for(epsilon=epsilon_delete, delta=delta)
    sizes = {-(-descent.n // parts) for parts in (2, 3, 4, 8, 16, 32, 64)} if batches is None else set(batches)
    forms = []
    for batch in (None, *sorted(sizes, reverse=True)):
        same = replace(descent, batch=batch)
        form = _form(same, _whole_passes(same, steps_learn), target, group)
        if form is not None and form.learning.mu <= allowed:
            forms.append(form)
    return tuple(sorted(forms, key=lambda form: form.delete_row_gradients))


def _form(descent: Descent, steps_learn: int, target_mu: float, group: int) -> BatchForm | None:
    learning = learning_bound_of(descent, steps_learn=steps_learn, group=group)
    try:
        found = deletion_steps_of(descent, steps_learn=steps_learn, target_mu=target_mu, group=group)
    except AccountingError as refusal:
        if refusal.code != "TARGET_OUT_OF_RANGE":
            raise
        return None
    rows = descent.n if descent.batch is None else descent.batch
    return BatchForm(
        batch=descent.batch,
        steps_learn=steps_learn,
        steps_delete=found.steps,
        learning=learning,
        deletion=GdpBound(found.mu),
        learn_row_gradients=steps_learn * rows,
        delete_row_gradients=found.steps * rows,
    )


def _whole_passes(descent: Descent, steps: int) -> int:
    return -(-steps // descent.batches) * descent.batches
