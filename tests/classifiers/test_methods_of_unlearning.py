"""What each method does to memorised records: through the Python door, on any module that gives logits."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from tests.classifiers.small_task import GONE, right, rows, trained
from tests.classifiers.small_task import original as make_original
from unlearning.catalog import WrongParamsError, with_defaults
from unlearning.classifiers.forgetting import METHODS, unlearn
from unlearning.classifiers.methods import salun
from unlearning.classifiers.network import Architecture, build
from unlearning.classifiers.training import fit
from unlearning.classifiers.unlearning_loop import Forgetting, Side, share_right
from unlearning.parameters.methods import METHODS as DECLARED
from unlearning.runner.refusals import Refused

RECIPE = {"lr": 3e-3, "batch": 24, "epochs": 10}
FORGET, RETAIN = rows()
every_method = pytest.mark.parametrize("method", sorted(METHODS))


@pytest.fixture(scope="module")
def original():
    return make_original()


def forgotten(network, method, *, forget=FORGET, retain=RETAIN, **options):
    return unlearn(network, method=method, forget=(forget.x, forget.y), retain=(retain.x, retain.y), **RECIPE | options)


def weights(network):
    return [value.detach().clone() for value in network.parameters()]


def alike(one, other):
    return all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def test_the_task_tells_memory_from_generalising(original):
    assert right(original) == (1.0, 1.0)
    assert right(trained(RETAIN, seed=1))[0] < 0.2


@every_method
def test_it_takes_memorised_labels_away_and_keeps_the_others(original, method):
    of_forget, of_retain = right(forgotten(original, method))
    assert of_forget <= 0.5
    assert of_retain >= 0.85


@every_method
def test_the_given_module_is_left_alone_and_the_same_seed_gives_the_same_weights(original, method):
    before = deepcopy(original)
    one, again = (forgotten(original, method, epochs=2, seed=3) for _ in range(2))
    assert alike(original, before)
    assert alike(one, again)
    assert not alike(one, original)


@every_method
def test_it_tells_every_step(original, method):
    told = []
    forgotten(original, method, epochs=2, progress=lambda *step: told.append(step))
    assert [step for step, _ in told] == list(range(1, len(told) + 1))
    assert {steps for _, steps in told} == ({len(told)} if method != "gradient_ascent" else {2})


@every_method
def test_it_works_on_any_module_that_gives_logits(method):
    plain = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 3))
    fit(plain, RETAIN.x, RETAIN.y, epochs=2, batch=24)
    assert forgotten(plain, method, epochs=1)(RETAIN.x).shape == (len(RETAIN), 3)


@every_method
@pytest.mark.parametrize("family", ["cnn", "vit"])
def test_it_works_on_pictures(method, family):
    made = Architecture(family=family, shape=(2, 4, 4), classes=(0, 1, 2), width=8)
    x, y = torch.rand(12, *made.shape, generator=torch.Generator().manual_seed(0)), torch.arange(12) % 3
    network = build(made, seed=0)
    options = {"stop_accuracy": 0.0} if method == "gradient_ascent" else {}
    lighter = forgotten(network, method, forget=Side(x[:4], y[:4]), retain=Side(x[4:], y[4:]), epochs=2, **options)
    assert lighter.architecture == made
    assert not alike(network, lighter)


@every_method
def test_frozen_weights_stay_frozen(method):
    plain = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
    plain[0].requires_grad_(requires_grad=False)
    lighter = forgotten(plain, method, epochs=1, **({"stop_accuracy": 0.0} if method == "gradient_ascent" else {}))
    assert alike(plain[0], lighter[0])
    assert not alike(plain[2], lighter[2])


def test_a_module_with_one_logit_is_refused():
    with pytest.raises(Refused) as caught:
        forgotten(nn.Linear(8, 1), "finetune")
    assert caught.value.code == "NOT_A_CLASSIFIER"


@every_method
def test_a_whole_class_can_be_forgotten(method):
    network = trained(RETAIN, seed=1)
    is_two = RETAIN.y == 2
    gone, stays = Side(RETAIN.x[is_two], RETAIN.y[is_two]), Side(RETAIN.x[~is_two], RETAIN.y[~is_two])
    lighter = forgotten(network, method, forget=gone, retain=stays, epochs=15)
    # The two that never look at a forgotten row may well keep a class: that they pass for unlearning is the point.
    if method not in ("finetune", "l1_sparse"):
        assert share_right(lighter, gone) <= 0.4
    assert share_right(lighter, stays) >= 0.85


@pytest.mark.parametrize("method", ["finetune", "l1_sparse"])
def test_methods_that_only_go_on_training_never_look_at_the_rows_to_forget(original, method):
    other = Side(FORGET.x + 5.0, FORGET.y)
    assert alike(forgotten(original, method, epochs=1), forgotten(original, method, epochs=1, forget=other))


def test_gradient_ascent_never_looks_at_the_rows_to_keep_and_stops_at_its_threshold(original):
    other = Side(RETAIN.x + 5.0, RETAIN.y)
    assert alike(forgotten(original, "gradient_ascent"), forgotten(original, "gradient_ascent", retain=other))
    softly = {"lr": 1e-3, "epochs": 200}
    reached = [
        right(forgotten(original, "gradient_ascent", stop_accuracy=share, **softly))[0] for share in (0.75, 0.25)
    ]
    assert 0.5 < reached[0] <= 0.75
    assert reached[1] <= 0.25


def test_a_weight_that_salun_masks_does_not_move(original):
    network = deepcopy(original)
    given = Forgetting(network, FORGET, RETAIN, 3, 0, lambda *_: None)
    masks = salun.saliency_masks(salun.slopes_on(given, batch=7), share=0.3)
    salun.unlearn(given, {**RECIPE, "share": 0.3, "retain_weight": 1.0})
    for before, after, mask in zip(weights(original), weights(network), masks, strict=True):
        assert torch.equal(before[mask == 0], after[mask == 0])
        assert bool((before[mask == 1] != after[mask == 1]).float().mean() > 0.9)


def test_the_slopes_of_salun_are_those_of_all_rows_at_once(original):
    given = Forgetting(deepcopy(original), FORGET, RETAIN, 3, 0, lambda *_: None)
    for parts, whole in zip(salun.slopes_on(given, batch=7), salun.slopes_on(given, batch=GONE), strict=True):
        assert torch.allclose(parts, whole, atol=1e-6)


def test_l1_sparse_leaves_smaller_weights_than_fine_tuning(original):
    sizes = [
        sum(float(weight.abs().sum()) for weight in weights(forgotten(original, "l1_sparse", l1=l1)))
        for l1 in (0.0, 1e-3)
    ]
    assert sizes[1] < 0.8 * sizes[0]
    assert alike(forgotten(original, "l1_sparse", l1=0.0), forgotten(original, "finetune"))


def test_scrub_without_its_driving_epochs_stays_with_the_original(original):
    assert right(forgotten(original, "scrub", max_epochs=0, gamma=0.0, alpha=1.0))[0] >= 0.9
    assert right(forgotten(original, "scrub", max_epochs=5))[0] <= 0.5


def test_adversarial_unlearning_is_harder_to_undo_with_a_small_change_than_random_label(original):
    from unlearning.classifiers.methods.adversarial import resurfacing

    def brought_back(network):
        query = resurfacing(network, FORGET.x, FORGET.y, budget=0.5, search_steps=10)
        return share_right(network, Side(query, FORGET.y))

    plain, hardened = forgotten(original, "random_label"), forgotten(original, "adversarial", budget=0.5)
    assert brought_back(hardened) < brought_back(plain) - 0.2


@pytest.mark.parametrize("wrong", [{"beta": 0.5}, {"lr": 0.0}, {"lr": float("nan")}, {"colour": 1}, {"epochs": 0}])
def test_an_option_that_the_method_does_not_have_is_refused(original, wrong):
    with pytest.raises(WrongParamsError, match=next(iter(wrong))):
        forgotten(original, "finetune", **wrong)


def test_an_unknown_method_is_refused(original):
    with pytest.raises(WrongParamsError, match="amnesia"):
        forgotten(original, "amnesia")


def test_every_method_is_declared_with_its_defaults():
    assert set(METHODS) == set(DECLARED)
    for method, defaults in DECLARED.items():
        written = with_defaults("classifier.unlearn", {"method": method})
        assert written == {name: value for name, value in defaults.items() if value is not None} | {
            "method": method,
            "seed": 0,
        }


@pytest.mark.parametrize(
    ("forget", "code"),
    [
        (Side(FORGET.x[:0], FORGET.y[:0]), "NO_ROWS"),
        (Side(FORGET.x, FORGET.y + 3), "LABEL_UNKNOWN"),
        (Side(FORGET.x * 1e30, FORGET.y), "TRAINING_DIVERGED"),
    ],
)
def test_rows_that_cannot_be_forgotten_are_refused_with_a_code(original, forget, code):
    with pytest.raises(Refused) as caught:
        forgotten(original, "gradient_ascent", forget=forget, lr=1e30, stop_accuracy=0.0)
    assert caught.value.code == code
