"""A table that a small network memorises in a fraction of a second: 24 records to forget, all with a wrong label."""

import torch

from unlearning.classifiers.network import Architecture, Network, build
from unlearning.classifiers.training import fit
from unlearning.classifiers.unlearning_loop import Side, share_right

MADE = Architecture(family="mlp", shape=(8,), classes=(0, 1, 2), width=64)
ROWS, GONE = 240, 24
TRAINED = {"epochs": 60, "batch": 24, "lr": 1e-2}


def rows() -> tuple[Side, Side]:
    """(rows to forget, rows to keep); without the first, everything would be told by its clear group."""
    draw = torch.Generator().manual_seed(0)
    truth = torch.arange(ROWS) % 3
    x = torch.randn(ROWS, 8, generator=draw) + 2.0 * torch.eye(8)[truth]
    said = truth.clone()
    said[:GONE] = (said[:GONE] + 1) % 3
    return Side(x[:GONE], said[:GONE]), Side(x[GONE:], truth[GONE:])


def trained(side: Side, *, seed: int = 0) -> Network:
    return fit(build(MADE, seed=seed), side.x, side.y, **TRAINED, seed=seed)


def original() -> Network:
    """A network that held all rows."""
    forget, retain = rows()
    return trained(Side(torch.cat([forget.x, retain.x]), torch.cat([forget.y, retain.y])))


def right(network: torch.nn.Module) -> tuple[float, float]:
    """Accuracy on the rows to forget (by their wrong labels) and on those to keep."""
    forget, retain = rows()
    return share_right(network, forget), share_right(network, retain)
