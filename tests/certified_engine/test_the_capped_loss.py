"""The capped loss: a gradient of a convex, smooth function that no row can pull on harder than it says."""

import math

import pytest
import torch
from torch import Tensor

from unlearning.accounting.recommend import loss_constants
from unlearning.certified.objective import CAP, capped_binary_excess, capped_softmax_excess, softmax_excess

CLASSES, ROWS = 4, 400


@pytest.fixture
def logits_CB() -> Tensor:
    return 4.0 * torch.randn((CLASSES, ROWS), dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def positions_B() -> Tensor:
    return torch.randint(0, CLASSES, (ROWS,), generator=torch.Generator().manual_seed(1))


def loss(logits_CB: Tensor, positions_B: Tensor) -> Tensor:
    """ln(1 + e^m) up to the margin 0 and its tangent beyond, m = ln(sum of the others' e^z) - z of the true class."""
    true_1B = logits_CB.gather(0, positions_B[None, :])
    others_B = logits_CB.scatter(0, positions_B[None, :], -math.inf).logsumexp(dim=0)
    margin_B = others_B - true_1B[0]
    return torch.where(margin_B < 0.0, torch.nn.functional.softplus(margin_B), math.log(2.0) + CAP * margin_B).sum()


def test_the_excess_is_the_gradient_of_the_loss(logits_CB: Tensor, positions_B: Tensor) -> None:
    logits_CB.requires_grad_(True)
    (expected,) = torch.autograd.grad(loss(logits_CB, positions_B), logits_CB)
    assert torch.allclose(capped_softmax_excess(logits_CB.detach(), positions_B), expected, atol=1e-12)


def test_no_row_pulls_harder_than_the_constant_and_some_pull_nearly_so_hard(
    logits_CB: Tensor, positions_B: Tensor
) -> None:
    lengths = capped_softmax_excess(4.0 * logits_CB, positions_B).norm(dim=0)
    bound, _ = loss_constants("capped_softmax", 1.0, classes=CLASSES)
    assert 0.99 * bound < lengths.max() <= bound * (1.0 + 1e-12)


def test_a_step_below_two_over_beta_never_drives_two_models_apart(logits_CB: Tensor, positions_B: Tensor) -> None:
    other_CB = logits_CB + torch.randn(logits_CB.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    eta = 2.0 / loss_constants("capped_softmax", 1.0, classes=CLASSES)[1]
    apart = logits_CB - other_CB
    pulls = capped_softmax_excess(logits_CB, positions_B) - capped_softmax_excess(other_CB, positions_B)
    assert ((apart - eta * pulls).norm(dim=0) <= apart.norm(dim=0) * (1.0 + 1e-12)).all()


def test_where_the_true_class_has_half_of_the_probability_it_is_softmax(logits_CB: Tensor, positions_B: Tensor) -> None:
    sure_CB = logits_CB.scatter_add(0, positions_B[None, :], torch.full((1, ROWS), 40.0, dtype=torch.float64))
    assert torch.equal(capped_softmax_excess(sure_CB.clone(), positions_B), softmax_excess(sure_CB, positions_B))


def test_two_classes_are_cut_at_one_half() -> None:
    excess = capped_binary_excess(torch.tensor([[-3.0, 0.0, 3.0]], dtype=torch.float64), torch.tensor([1, 1, 1]))
    assert excess[0, 0] == -CAP
    assert excess[0, 1] == -CAP
    assert -CAP < excess[0, 2] < 0.0
