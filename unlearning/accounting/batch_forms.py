"""Full batch or cyclic mini-batches: which form of one model deletes with the fewest row gradients.

Every form's first release costs one person the same epsilon. A step of b rows is n/b times cheaper, its drift n/b times
larger and n/b times rarer, and the last slot of a pass has little noise after it: so mini-batches need more noise for
the same epsilon, a few of them hardly any, many of them a lot. A form that needs too much more is out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from unlearning.accounting.errors import AccountingError
from unlearning.accounting.gdp import GdpBound, mu_for
from unlearning.accounting.inverses import DeletionSteps, deletion_steps_of, noise_of
from unlearning.accounting.ledger import Problem
from unlearning.accounting.noisy_descent import learning_bound_of
from unlearning.accounting.recommend import Recommendation


@dataclass(frozen=True, kw_only=True)
class BatchForm:
    """One form: the problem to freeze, its steps, its bounds, its noise over the full batch's, its row gradients."""

    problem: Problem
    steps_learn: int
    steps_delete: int
    learning: GdpBound
    deletion: GdpBound
    noise_ratio: float

    @property
    def rows_a_step(self) -> int:
        """Row gradients of one step."""
        return self.problem.n if self.problem.batch is None else self.problem.batch

    @property
    def delete_row_gradients(self) -> int:
        """Row gradients of one deletion."""
        return self.steps_delete * self.rows_a_step

    @property
    def learn_row_gradients(self) -> int:
        """Row gradients of one training."""
        return self.steps_learn * self.rows_a_step


def batch_forms(
    full: Recommendation,
    *,
    epsilon: float,
    epsilon_delete: float,
    delta: float,
    most_noise: float = 1.1,
    batches: Sequence[int] | None = None,
) -> tuple[BatchForm, ...]:
    """The forms of `full` (recommended for the full batch at this epsilon), cheapest deletion first; the full batch is
    always tried, beside `batches` (default: 2, 3, 4, 8 ... 64 mini-batches a pass).

    Each sizes its noise anew for (epsilon, delta) at the first release and is out when it needs more than `most_noise`
    times the full batch's, or when no number of steps brings A to `epsilon_delete`. Mini-batches take as many steps,
    rounded up to whole passes. From public facts only: choose before any row is read, and freeze it.
    Raises: DELTA_OUT_OF_RANGE, TARGET_OUT_OF_RANGE; NO_CONTRACTION under assumption `none`.
    """
    target = mu_for(epsilon=epsilon_delete, delta=delta)
    sizes = {-(-full.problem.n // parts) for parts in (2, 3, 4, 8, 16, 32, 64)} if batches is None else set(batches)
    found = []
    for batch in (None, *sorted(sizes, reverse=True)):
        form = _form(full, batch, epsilon=epsilon, delta=delta, target_mu=target)
        if form is not None and form.noise_ratio <= most_noise:
            found.append(form)
    return tuple(sorted(found, key=lambda form: form.delete_row_gradients))


def _form(
    full: Recommendation, batch: int | None, *, epsilon: float, delta: float, target_mu: float
) -> BatchForm | None:
    unit, group = replace(full.problem, batch=batch, sigma=1.0), full.problem.contribution_cap
    steps = -(-full.steps_learn // unit.batches) * unit.batches
    noise = noise_of(unit, steps_learn=steps, epsilon=epsilon, delta=delta, group=group)
    problem = replace(unit, sigma=noise.sigma)
    deletion = _within_reach(problem, steps, target_mu)
    if deletion is None:
        return None
    return BatchForm(
        problem=problem,
        steps_learn=steps,
        steps_delete=deletion.steps,
        learning=learning_bound_of(problem, steps_learn=steps, group=group),
        deletion=GdpBound(deletion.mu),
        noise_ratio=noise.sigma / full.problem.sigma,
    )


def _within_reach(problem: Problem, steps_learn: int, target_mu: float) -> DeletionSteps | None:
    try:
        return deletion_steps_of(problem, steps_learn=steps_learn, target_mu=target_mu, group=problem.contribution_cap)
    except AccountingError as refusal:
        if refusal.code != "TARGET_OUT_OF_RANGE":
            raise
        return None


def forms_text(forms: Sequence[BatchForm]) -> str:
    """The forms in plain words, one per line."""
    return "\n".join(
        f"{'full batch' if form.problem.batch is None else f'mini-batches of {form.problem.batch}':<24} "
        f"{form.steps_delete:>5} steps, {form.delete_row_gradients:>12,} row gradients to delete, "
        f"noise {form.noise_ratio:.2f} times the full batch's"
        for form in forms
    )
