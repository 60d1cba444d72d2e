"""One process or many that train one model: who I am, which rows are mine, and what all of us together have.

Every process holds all weights and sees the whole global batch; it computes the gradient of its own share of the rows.
Gradients are *summed*, so a loss must be scaled by `share(count)`: then the sum is the mean over the global batch,
whatever the sizes of the shards, an empty shard included. One process is the default and costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from unlearning.runner.refusals import Refused

if TYPE_CHECKING:
    from torch import Tensor, nn

Item = TypeVar("Item")


@dataclass(frozen=True)
class Company:
    """The processes of one run. Loops call `mine`, `share` and `settle`; alone, these change nothing."""

    rank: int = 0
    world: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process is the one that reports and writes."""
        return self.rank == 0

    def mine(self, batch: Sequence[Item]) -> list[Item]:
        """My rows of a global batch: every world-th from my rank on. It may be empty: then run no pass for it."""
        return list(batch[self.rank :: self.world])

    def sum(self, value: float) -> float:
        """What all processes have together, in float64; all of them must call it."""
        return self.sums([value])[0]

    def sums(self, values: Sequence[float]) -> list[float]:
        """The same of several numbers in one message."""
        if self.world == 1:
            return [float(value) for value in values]
        import torch
        from torch import distributed

        totals = torch.tensor(values, dtype=torch.float64, device=_device())
        distributed.all_reduce(totals)
        return [float(total) for total in totals.tolist()]

    def gathered(self, values: Sequence[float], *, of: int) -> list[float]:
        """The values of all `of` rows in order, from each process's values of its `mine`; the same bits for all."""
        if self.world == 1:
            return [float(value) for value in values]
        everything = [0.0] * of
        everything[self.rank :: self.world] = values
        return self.sums(everything)

    def share(self, count: float) -> float:
        """My part of the global count (rows or answer tokens), 0 to 1: the weight of my mean in the global mean."""
        if self.world == 1:
            return 1.0
        everything = self.sum(count)
        return count / everything if everything else 0.0

    def agree(self, value: float) -> float:
        """The first process's value, for all: a decision to stop must not hang on one process's rounding."""
        return self.sum(value if self.leads else 0.0)

    def settle(self, model: nn.Module) -> None:
        """Sum the gradients of all processes, once, between the backward passes and the optimiser's step."""
        if self.world > 1:
            from unlearning.language.distributed.gradients import sum_gradients

            sum_gradients(weight for weight in model.parameters() if weight.requires_grad)

    def hand_out(self, model: nn.Module) -> None:
        """Give everybody the first process's weights."""
        self.hand_out_each(model.parameters())

    def hand_out_each(self, tensors: Iterable[Tensor]) -> None:
        """Overwrite each tensor, in place, by the first process's; all must pass the same sizes in the same order."""
        if self.world > 1:
            from unlearning.language.distributed.gradients import copy_from_first

            copy_from_first(tensors)


@dataclass(frozen=True)
class ShardedCompany(Company):
    """Processes that gather one another's weights: each of them must run every pass, so none may lack a row."""

    def mine(self, batch: Sequence[Item]) -> list[Item]:
        """My rows of a global batch.

        Raises: Refused with BATCH_SMALLER_THAN_WORLD: a process without rows would leave the others waiting.
        """
        if len(batch) < self.world:
            raise Refused(
                "BATCH_SMALLER_THAN_WORLD",
                f"expected a row for each of {self.world} processes with sharded weights, got {len(batch)} rows.",
                "Choose a batch that leaves no remainder below the number of processes, or fewer processes.",
            )
        return super().mine(batch)


ALONE = Company()


def shards(batch: Sequence[Item], *, world: int) -> Iterable[list[Item]]:
    """The share of each of `world` processes, in the order of their ranks."""
    return (Company(rank, world).mine(batch) for rank in range(world))


def _device() -> str:
    from torch import distributed

    return "cuda" if distributed.get_backend() == "nccl" else "cpu"
