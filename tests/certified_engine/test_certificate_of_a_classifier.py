"""The two numbers of the estimator are the accountant's, and the words beside them are honest."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearning.accounting import Inserted, Released, Retrained, Stay, Steps, price
from unlearning.accounting.recommend import loss_constants
from unlearning.accounting.timeline import view
from unlearning.certified import CertifiedClassifier
from unlearning.certified.constants import Constants
from unlearning.certified.learn import descend
from unlearning.certified.objective import capped_softmax_excess
from unlearning.certified.problem import theta_bound
from unlearning.certified.rows import part_of
from unlearning.certified.scoring import shares_of


def fitted(blobs, rows=200, **more):
    values, labels = blobs(rows, features=4)
    return CertifiedClassifier(**{"epsilon": 2.0, "classes": [0, 1, 2]} | more).fit(values, labels)


@pytest.mark.parametrize(
    "more",
    [{}, {"loss": "one_vs_rest"}, {"loss": "capped"}, {"batch": 30}, {"contribution_cap": 3}, {"step_size": "safe"}],
)
def test_the_first_release_costs_what_was_asked_and_hardly_less(blobs, more):
    model = fitted(blobs, **more)
    assert price(model.ledger_, delta=1e-5).b.epsilon(1e-5) == model.certificate_.b_epsilon
    assert 2.0 * (1 - 1e-4) < model.certificate_.b_epsilon <= 2.0
    assert model.certificate_.a_epsilon is None


def test_a_capped_loss_needs_half_of_the_noise_for_the_same_certificate(blobs):
    capped, plain = (fitted(blobs, loss=loss) for loss in ("capped", "softmax"))
    one, other = capped.ledger_.problem, plain.ledger_.problem
    assert (one.eta, one.lam, one.loss) == (other.eta, other.lam, "capped_softmax")
    assert one.sigma == pytest.approx(other.sigma / 2, rel=0.01)
    assert capped.certificate_.b_epsilon == pytest.approx(plain.certificate_.b_epsilon)


@pytest.mark.parametrize("classes", [2, 4])
def test_probabilities_of_a_capped_model_are_those_that_its_logits_are_best_for(classes):
    for logits in np.random.default_rng(0).normal(scale=3.0, size=(40, classes)):
        each = torch.from_numpy(logits)[:, None].repeat(1, classes)  # a column for each label the row might have
        pulls_CC = capped_softmax_excess(each, torch.arange(classes)).numpy()
        chances = shares_of(logits[None], loss="capped_softmax")[0]
        assert pulls_CC @ chances == pytest.approx(np.zeros(classes), abs=1e-12)
        assert chances.sum() == pytest.approx(1.0) and np.argmax(chances) == np.argmax(logits)


def test_two_classes_of_a_capped_model_have_the_same_probabilities_by_either_form():
    margins = np.linspace(-6.0, 6.0, 25)
    both = np.stack([np.zeros(25), margins], axis=1)
    binary = shares_of(margins[:, None], loss="capped_binary")
    assert binary == pytest.approx(shares_of(both, loss="capped_softmax"))
    shares = 1.0 / (1.0 + np.exp(-margins[12:]))
    assert binary[12:, 1] == pytest.approx(1.0 / (3.0 - 2.0 * shares))


def test_one_vs_rest_is_charged_for_all_its_classes_together(blobs):
    assert fitted(blobs, loss="one_vs_rest").ledger_.problem.lipschitz == pytest.approx(math.sqrt(3))
    assert fitted(blobs).ledger_.problem.lipschitz == pytest.approx(math.sqrt(2))


@pytest.mark.parametrize("batch", [None, 30])
def test_a_deletion_takes_the_fewest_steps_that_meet_the_target(blobs, batch):
    model = fitted(blobs, deletion_epsilon=0.7, batch=batch)
    before = model.ledger_
    done = model.delete([0, 1])
    assert done.route == "certified.delete" and done.steps < done.steps_to_retrain
    assert model.certificate_.a_epsilon <= 0.7 and model.certificate_.b_epsilon <= 2.0
    steps = next(event for event in model.ledger_.events if isinstance(event, Steps))
    deletion = model.ledger_.events[len(before.events)]
    one_less = before.then(deletion, Steps(steps=steps.steps - 1, job="one less"))
    stays = (Stay(rows=1, left=deletion.batch),)
    assert view(one_less.problem, one_less.events, stays=stays).a.epsilon(1e-5) > 0.7


def test_it_retrains_with_the_same_noise_when_that_is_shorter_and_says_so(blobs):
    model = fitted(blobs, deletion_epsilon=1e-4)
    sigma = model.ledger_.problem.sigma
    done = model.delete([0])
    assert done.route == "retrain" and done.steps == done.steps_to_retrain
    assert "retrained" in str(done)
    assert any(isinstance(event, Retrained) for event in model.ledger_.events)
    assert model.certificate_.rung == "retrained" and model.certificate_.a_epsilon == pytest.approx(0.0, abs=1e-6)
    assert model.ledger_.problem.sigma == sigma


def test_every_model_that_predict_can_reach_counts_as_released(blobs):
    model = fitted(blobs, capacity=202)
    first = model.certificate_.b_epsilon_present
    model.delete([0])
    model.insert(np.ones((2, 4)), [0, 1], record_ids=["a", "b"])
    names = [event.event for event in model.ledger_.events]
    assert names == ["trained", "released", "deleted", "steps", "released", "inserted", "steps", "released"]
    assert [event.records for event in model.ledger_.events if isinstance(event, Inserted)] == [2]
    assert sum(isinstance(event, Released) for event in model.ledger_.events) == 3
    assert model.certificate_.b_epsilon_present > first, "three published models cost more than one"
    assert model.ledger_.rows == 201


@pytest.mark.parametrize("more", [{}, {"batch": 20}, {"loss": "one_vs_rest"}, {"loss": "capped"}])
def test_one_row_more_or_less_changes_no_constant(blobs, more):
    both = [fitted(blobs, rows=rows, capacity=200, **more) for rows in (200, 199)]
    fields = ["sigma", "eta", "lam", "n", "rho", "theta_bound", "lipschitz", "beta", "batch"]
    one, other = ([getattr(model.ledger_.problem, name) for name in fields] for model in both)
    assert one == other
    assert both[0].ledger_.events == both[1].ledger_.events, "and no number of steps"


def test_a_ledger_that_needs_nothing_new_is_written_in_the_first_format(blobs):
    assert fitted(blobs).ledger_.format == "obelus/ledger/1"
    assert fitted(blobs, batch=50).ledger_.format == "obelus/ledger/2"


def test_a_class_list_taken_from_the_labels_is_said_not_to_be_covered(blobs):
    guessed, declared = fitted(blobs, classes=None), fitted(blobs)
    assert guessed.certificate_.gaps == ("CLASSES_FROM_DATA",) and declared.certificate_.gaps == ()
    assert "NOT COVERED" in str(guessed.certificate_) and "NOT COVERED" not in str(declared.certificate_)


def test_a_declared_class_without_rows_is_legal(blobs):
    model = fitted(blobs, classes=[0, 1, 2, 3])
    assert model.coef_.shape == (4, 4)
    assert model.predict_proba(np.zeros((1, 4))).shape == (1, 4)


def test_the_certificate_names_its_unit_its_pair_and_its_limits(blobs):
    model = fitted(blobs)
    model.delete([1])
    told = str(model.certificate_)
    for words in ("all releases", "later releases only", "all their rows", "two values", "attested", "stopped B from"):
        assert words in told
    facts = json.loads(json.dumps(model.certificate_.to_json()))
    assert facts["unit"] == "subject" and facts["price"]["adjacency"] == "zero_out"
    assert facts["price"]["a"]["epsilon"] <= 1.0


def test_what_is_published_has_float32_and_lies_within_the_length_that_rounding_was_charged_for(blobs):
    model = fitted(blobs)
    assert np.linalg.norm(model._line.theta) < model.ledger_.problem.theta_bound
    assert np.array_equal(model._line.theta, model._line.theta.astype(np.float32))


@pytest.mark.parametrize("loss", ["softmax", "one_vs_rest", "capped"])
@pytest.mark.parametrize("step_size", ["best", "safe"])
def test_no_rows_drive_the_weights_past_their_bound(loss, step_size):
    # The worst we know: all rows alike and of one class, hardly any noise, and steps that overshoot.
    rows = np.full((300, 2), 5.0)
    asked = {"epsilon": 1e4, "l2": 1e-3, "classes": range(4), "loss": loss, "step_size": step_size, "relaxations": 8}
    lengths = []
    model = CertifiedClassifier(**asked).fit(rows, np.zeros(300))
    for _ in range(3):
        model.delete(list(model.slots_)[:50])
        lengths.append(np.linalg.norm(model._line.theta))
    bound = model.ledger_.problem.theta_bound
    assert 1.0 < max(lengths) < bound < model.ledger_.problem.lipschitz / 1e-3 / 4


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.001, 0.5), st.floats(0.05, 1.0), st.integers(2, 6))
def test_one_step_of_any_loss_stays_within_the_bound_it_started_in(seed, lam, share, classes):
    draw = np.random.default_rng(seed)
    loss = str(draw.choice(["softmax", "one_vs_rest", "capped_softmax"]))
    longest, curved = loss_constants(loss, 1.0, classes=classes)
    params = {"eta": share * 2 / (2 * lam + curved), "lam": lam, "sigma": 1e-9}
    bound = theta_bound(params, lipschitz=longest, coordinates=3 * classes, loss=loss, classes=classes)
    theta = draw.normal(size=(classes, 3))
    theta *= bound / np.linalg.norm(theta)
    part = part_of(draw.normal(size=(5, 2)) * 9, draw.integers(classes, size=5), np.arange(5), norm_bound=1.0)
    step = Constants(**params, n_0=5, steps=1)
    after = descend(theta, [part], loss=loss, constants=step, after_step=lambda _: None)
    assert np.linalg.norm(after) <= bound * (1 + 1e-9)
