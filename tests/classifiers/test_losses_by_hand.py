"""Each method's loss on numbers that a reader can check with a pencil. Letters as in the methods."""

import math

import pytest
import torch
from torch import nn

from unlearning.classifiers.methods import (
    adversarial,
    finetune,
    gradient_ascent,
    l1_sparse,
    neggrad_plus,
    random_label,
    salun,
    scrub,
)

# The softmax of these logits is (1/4, 3/4) and (1/2, 1/2).
THREE_TO_ONE, EVEN = torch.tensor([[0.0, math.log(3.0)]]), torch.zeros(1, 2)
FIRST, SECOND = torch.tensor([0]), torch.tensor([1])
LN2, LN4, LN4_3 = math.log(2.0), math.log(4.0), math.log(4.0 / 3.0)


def is_value(found, value):
    assert float(found) == pytest.approx(value, abs=1e-6)


def test_fine_tuning_goes_down_the_cross_entropy():
    is_value(finetune.loss(THREE_TO_ONE, FIRST), LN4)


def test_gradient_ascent_goes_up_the_same():
    is_value(gradient_ascent.loss(THREE_TO_ONE, FIRST), -LN4)


def test_random_label_adds_the_drawn_labels_to_the_weighted_rows_to_keep():
    is_value(random_label.loss(THREE_TO_ONE, SECOND, EVEN, FIRST, retain_weight=2.0), LN2 + 2 * LN4_3)


def test_neggrad_plus_weighs_down_against_up():
    is_value(neggrad_plus.loss(THREE_TO_ONE, SECOND, EVEN, FIRST, beta=0.9), 0.9 * LN4_3 - 0.1 * LN2)


def test_salun_moves_the_weights_with_the_largest_slopes_of_all_together():
    slopes = [torch.tensor([1.0, -4.0, 0.0]), torch.tensor([[3.0], [-0.5]])]
    first, second = salun.saliency_masks(slopes, share=0.4)
    assert first.tolist() == [0.0, 1.0, 0.0]
    assert second.tolist() == [[1.0], [0.0]]
    whole = salun.saliency_masks(slopes, share=1.0)
    assert [mask.flatten().tolist() for mask in whole] == [[1.0, 1.0, 0.0], [1.0, 1.0]]


def test_scrub_measures_how_far_the_student_left_the_teacher():
    # KL((1/4, 3/4) || (1/2, 1/2)) = 1/4 ln(1/2) + 3/4 ln(3/2)
    away = 0.25 * math.log(0.5) + 0.75 * math.log(1.5)
    is_value(scrub.distance(THREE_TO_ONE, EVEN), away)
    is_value(scrub.distance(EVEN, EVEN), 0.0)
    is_value(scrub.staying(THREE_TO_ONE, EVEN, FIRST, alpha=0.5, gamma=3.0), 0.5 * away + 3 * LN2)


def test_l1_sparse_adds_the_sum_of_all_sizes_and_lets_it_fade():
    weights = [torch.tensor([1.0, -2.0]), torch.tensor([[0.5]])]
    is_value(l1_sparse.loss(EVEN, FIRST, weights, l1=0.1), LN2 + 0.35)
    assert [l1_sparse.fading(0.2, step=step, steps=4) for step in range(5)] == pytest.approx([0.2, 0.15, 0.1, 0.05, 0])


class Line(nn.Module):
    """Two classes by the sign of 2 x_0 - x_1: the query that brings a label back is known."""

    def forward(self, x_B):
        margin_B = 2.0 * x_B[:, 0] - x_B[:, 1]
        return torch.stack([-margin_B, margin_B], dim=1)


@pytest.mark.parametrize("search_steps", [1, 7])
def test_the_adversarial_search_goes_to_the_corner_of_the_budget_that_brings_the_label_back(search_steps):
    x = torch.tensor([[0.2, 0.5], [0.2, 0.5]])
    found = adversarial.resurfacing(Line(), x, torch.tensor([1, 0]), budget=0.25, search_steps=search_steps)
    assert torch.allclose(found, torch.tensor([[0.45, 0.25], [-0.05, 0.75]]))


def test_a_drawn_label_is_never_the_rows_own_and_may_be_any_other():
    y = torch.arange(300) % 3
    drawn = random_label.drawn_labels(y, classes=3, seed=1)
    assert not bool((drawn == y).any())
    assert {(int(a), int(b)) for a, b in zip(y, drawn, strict=True)} == {
        (a, b) for a in range(3) for b in range(3) if a != b
    }
