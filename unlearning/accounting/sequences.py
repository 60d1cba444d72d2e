"""A whole life of a model in phases: the two numbers of a group that is there in some and not in others."""

from collections.abc import Sequence
from dataclasses import dataclass

from unlearning.accounting.descent import FLOAT64_RHO, Adjacency, Assumption, Descent, require_group
from unlearning.accounting.errors import AccountingError
from unlearning.accounting.gdp import GdpBound
from unlearning.accounting.noisy_descent import require_steps
from unlearning.accounting.runs import require_draws
from unlearning.accounting.stretches import Segment, Stretch, total
from unlearning.accounting.strict_json import malformed


@dataclass(frozen=True, kw_only=True)
class Phase:
    """`steps` steps that see `rows` rows of the group. `published`: the model at their end was; `n`: rows of everybody
    meanwhile, the group's included (None: the public n); `draws`: times the phase was drawn in full, all seen.

    Raises: K_LEARN_NOT_POSITIVE, K_DELETE_NOT_POSITIVE, TARGET_OUT_OF_RANGE.
    """

    steps: int
    rows: int = 0
    published: bool = False
    n: int | None = None
    draws: int = 1

    def __post_init__(self) -> None:
        require_group(self.rows)
        require_steps("K_LEARN_NOT_POSITIVE" if self.rows else "K_DELETE_NOT_POSITIVE", self.steps)
        require_draws(self.draws)


@dataclass(frozen=True)
class SequenceBound(GdpBound):
    """mu, epsilon, renyi and the rest are B, all releases; `a` is A, later releases only."""

    a: GdpBound

    @property
    def b(self) -> GdpBound:
        """B by its name."""
        return GdpBound(self.mu)


def deletion_sequence(
    *,
    lam: float,
    beta: float,
    lipschitz: float,
    n: int,
    eta: float,
    sigma: float,
    phases: Sequence[Phase],
    adjacency: Adjacency = "replace",
    assumption: Assumption = "strongly_convex",
    rho: float = FLOAT64_RHO,
    batch: int | None = None,
) -> SequenceBound:
    """A and B after these phases: a stream with changing n, insertions (rows 0, then more) and deletions (fewer rows).

    A is the taut string up to the first model published after some of the group left (earlier releases are ignored),
    and from there on as in B; noise before the group came earns no credit. B is one taut string for each published
    stretch and one for the open end, squares added. A phase is a run of its own: mini-batches
    start again at the first. Theorem of certified_deletion.md 2.2 and 2.3, version 1.
    Raises: AccountingError with the codes of section 2.7; LEDGER_MALFORMED for what mini-batches cannot say.
    """
    descent = Descent(
        lam=lam,
        beta=beta,
        lipschitz=lipschitz,
        n=n,
        eta=eta,
        sigma=sigma,
        adjacency=adjacency,
        assumption=assumption,
        rho=rho,
        batch=batch,
    )
    _require_sizes(descent, phases)
    layers = _layers(descent, phases)
    a, b, before, left = [Stretch()], [Stretch()], 0, False
    for phase in phases:
        before, left = phase.rows, left or phase.rows < before
        rows = tuple(min(phase.rows, top) - min(phase.rows, bottom) for bottom, top in layers)
        removed = 0 if phase.n is None else n - phase.n
        segment = Segment(start=0, steps=phase.steps, rows=rows, removed=removed, draws=phase.draws)
        later = phase.published and left
        for part, known in ((a, phase.draws > 1 or later), (b, phase.draws > 1 or phase.published)):
            part[-1].segments.append(segment)
            part += [Stretch()] if known else []
    only_later, everything = (total(descent, part, stays=len(layers)) for part in (a, b))
    return SequenceBound(mu=everything, a=GdpBound(only_later))


def _layers(descent: Descent, phases: Sequence[Phase]) -> list[tuple[int, int]]:
    """Rows that leave together. In the full batch only how many are present matters. In mini-batches each layer has a
    slot of its own, so it must be clear who left: a group may come once, and then only shrink."""
    counts = [phase.rows for phase in phases]
    most = max(counts, default=0)
    if descent.batch is None:
        return [(0, most)]
    since = next((at for at, rows in enumerate(counts) if rows), len(counts))
    if any(later > earlier for earlier, later in zip(counts[since:], counts[since + 1 :], strict=False)):
        raise malformed("Mini-batches: rows that come at different times have slots of their own; price a ledger.")
    levels = sorted({0, *counts})
    return list(zip(levels, levels[1:], strict=False)) or [(0, 0)]


def _require_sizes(descent: Descent, phases: Sequence[Phase]) -> None:
    fixed = descent.adjacency != "remove" or descent.batch is not None
    for phase in phases:
        rows = descent.n if phase.n is None else phase.n
        if rows < 1 or phase.rows >= rows:
            raise AccountingError(
                "EMPTY_DATASET_AFTER_DELETION",
                f"Expected more than the group's {phase.rows} rows in a phase, got {rows}.",
                "Withdraw the model instead.",
            )
        if fixed and rows > descent.n:
            raise malformed(f"Expected at most n = {descent.n} rows under a fixed denominator, got {rows}.")
