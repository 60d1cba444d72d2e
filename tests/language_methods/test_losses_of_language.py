"""Each loss against a value worked out by hand, and its slope against differences in float64."""

import math

import pytest
import torch
from torch.autograd import gradcheck

from unlearning.language.losses.dpo import dpo
from unlearning.language.losses.gradient_ascent import gradient_ascent
from unlearning.language.losses.keeping import keeping
from unlearning.language.losses.kl import coarse, kl
from unlearning.language.losses.npo import npo
from unlearning.language.losses.rmu import direction, rmu
from unlearning.language.losses.simnpo import simnpo

LOG_3 = math.log(3)


def nll(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def logits(rows: int, columns: int) -> torch.Tensor:
    draw = torch.Generator().manual_seed(3)
    return torch.randn(rows, columns, generator=draw, dtype=torch.float64, requires_grad=True)


def test_gradient_ascent_is_the_negated_loss_of_the_forgotten_and_keeping_is_the_loss():
    assert gradient_ascent(nll(2.0, 5.0)).tolist() == [-2.0, -5.0]
    assert keeping(nll(2.0, 5.0)).tolist() == [2.0, 5.0]


def test_npo_has_the_values_of_its_equation():
    # ratio 1: -(2 / .5) log(1/2). nll up by 2 log 3, beta .5: sigmoid(log 3) = 3/4.
    found = npo(nll(7.0, 1.0 + 2 * LOG_3), nll(7.0, 1.0), beta=0.5)
    assert found.tolist() == pytest.approx([4 * math.log(2), 4 * math.log(4 / 3)], abs=1e-12)


def test_the_slope_of_npo_is_that_of_ascent_times_the_weight_its_paper_gives():
    now, old, beta = nll(3.0), nll(1.0), 0.3
    npo(now, old, beta=beta).sum().backward()
    p, p_0 = math.exp(-3.0 * beta), math.exp(-1.0 * beta)
    assert now.grad is not None and now.grad.item() == pytest.approx(-2 * p / (p + p_0), abs=1e-12)


def test_npo_is_gradient_ascent_when_beta_goes_to_nothing():
    now, old = nll(3.0), nll(1.0)
    npo(now, old, beta=1e-9).sum().backward()
    assert now.grad is not None and now.grad.item() == pytest.approx(-1.0, abs=1e-6)


def test_simnpo_has_the_values_of_its_equation():
    # nll / T = log 3 + delta with beta 1: sigmoid(log 3) = 3/4.
    found = simnpo(nll(4 * (LOG_3 + 0.25)), torch.tensor([4]), beta=1.0, delta=0.25)
    assert found.item() == pytest.approx(2 * math.log(4 / 3), abs=1e-12)


def test_simnpo_does_not_care_how_long_an_answer_is_and_npo_does():
    short, long = nll(3.0), nll(6.0)
    counts = torch.tensor([2]), torch.tensor([4])
    same = [
        simnpo(value, count, beta=2.0, delta=0.0).item() for value, count in zip((short, long), counts, strict=True)
    ]
    assert same[0] == same[1]
    assert npo(short, nll(0.0), beta=1.0).item() != npo(long, nll(0.0), beta=1.0).item()


def test_dpo_has_the_values_of_its_equation():
    # The alternative gained log 3 and the old answer nothing: sigmoid(log 3) = 3/4; both gained the same: 1/2.
    found = dpo(nll(5.0, 4.0), nll(5.0, 5.0), nll(6.0, 7.0), nll(6.0 + LOG_3, 8.0), beta=1.0)
    assert found.tolist() == pytest.approx([2 * math.log(4 / 3), 2 * math.log(2)], abs=1e-12)


def test_dpo_without_an_alternative_that_moves_is_npo():
    now, old, other = nll(5.0, 2.0), nll(1.0, 1.5), nll(3.0, 3.0)
    assert torch.equal(dpo(now, old, other, other, beta=0.2), npo(now, old, beta=0.2))


def test_the_divergence_from_the_old_answers_is_the_textbooks():
    old, new = torch.tensor([[0.5, 0.25, 0.25]]).log(), torch.tensor([[0.25, 0.5, 0.25]]).log()
    places, kept, rest = coarse(old, top=3)
    by_hand = 0.5 * math.log(2) + 0.25 * math.log(1 / 2)
    assert kl(new, places, kept, rest).item() == pytest.approx(by_hand, abs=1e-6)


def test_two_kept_outcomes_and_the_rest_give_the_divergence_of_the_merged_outcomes():
    old, new = torch.tensor([[0.5, 0.25, 0.15, 0.1]]).log(), torch.tensor([[0.25, 0.25, 0.1, 0.4]]).log()
    places, kept, rest = coarse(old, top=2)
    assert places.tolist() == [[0, 1]]
    by_hand = 0.5 * math.log(2) + 0.25 * math.log(0.25 / 0.5)
    assert kl(new, places, kept, rest).item() == pytest.approx(by_hand, abs=1e-6)


@pytest.mark.parametrize("top", [1, 2, 5, 19])
def test_keeping_fewer_outcomes_never_raises_the_divergence(top):
    old, new = logits(40, 20).detach(), logits(40, 20).detach().flip(0)
    whole = kl(new, *coarse(old, top=20))
    assert bool((kl(new, *coarse(old, top=top)) <= whole + 1e-6).all())


def test_a_model_that_did_not_move_diverges_by_nothing():
    old = logits(4, 9).detach()
    for top in (3, 9):
        assert float(kl(old, *coarse(old, top=top)).abs().max()) < 1e-6


def test_rmu_is_the_mean_squared_distance_to_its_aim():
    hidden, aim = torch.tensor([[1.0, 3.0], [0.0, 0.0]]), torch.tensor([0.0, 1.0])
    assert rmu(hidden, aim).tolist() == [2.5, 0.5]


def test_the_direction_of_rmu_is_a_unit_vector_that_its_seed_alone_draws():
    first, again, other = direction(96, seed=4), direction(96, seed=4), direction(96, seed=5)
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert float(first.norm()) == pytest.approx(1.0, abs=1e-6) and bool((first >= 0).all())


@pytest.mark.parametrize(
    "loss",
    [
        gradient_ascent,
        keeping,
        lambda x: npo(x, torch.full_like(x, 1.5), beta=0.1),
        lambda x: simnpo(x, torch.tensor([2, 3, 4]), beta=4.5, delta=0.1),
        lambda x: dpo(x, torch.full_like(x, 1.5), x * 0.5, torch.full_like(x, 0.3), beta=0.1),
    ],
    ids=["gradient_ascent", "keeping", "npo", "simnpo", "dpo"],
)
def test_slopes_of_likelihood_losses_agree_with_differences(loss):
    assert gradcheck(loss, (nll(0.3, 2.0, 9.0),))


def test_slopes_of_the_divergence_and_of_rmu_agree_with_differences():
    old = logits(3, 6).detach().flip(1)
    for top in (2, 6):
        places, kept, rest = coarse(old, top=top)
        assert gradcheck(lambda x: kl(x, places, kept.double(), rest.double()), (logits(3, 6),))  # noqa: B023
    assert gradcheck(lambda x: rmu(x, direction(6, seed=0).double()), (logits(3, 6),))


def test_bounded_losses_let_go_of_a_row_that_is_forgotten_and_ascent_does_not():
    slopes = {}
    for name, loss in (("ascent", gradient_ascent), ("npo", lambda x: npo(x, torch.zeros_like(x), beta=0.1))):
        forgotten = nll(200.0)
        loss(forgotten).sum().backward()
        assert forgotten.grad is not None
        slopes[name] = abs(forgotten.grad.item())
    assert slopes["npo"] < 1e-6 < slopes["ascent"] == 1.0
