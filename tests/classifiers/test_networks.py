"""The three families: their file, their public preparation, and that a row is answered by itself."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from unlearning.classifiers.network import FILE, Architecture, build, load_network, save_network
from unlearning.classifiers.training import fit
from unlearning.runner.refusals import Refused

MADE = {
    "mlp": Architecture(family="mlp", shape=(12,), classes=(3, 5, 9), width=8),
    "cnn": Architecture(family="cnn", shape=(2, 5, 4), classes=(3, 5, 9), width=6, depth=3, scales=(16.0,)),
    "vit": Architecture(family="vit", shape=(1, 4, 6), classes=(3, 5, 9), width=8, heads=2),
}
everywhere = pytest.mark.parametrize("made", MADE.values(), ids=MADE)


def rows(made, count=7):
    return torch.rand(count, *made.shape, generator=torch.Generator().manual_seed(0))


@everywhere
def test_logits_are_the_head_of_the_features(made):
    network = build(made, seed=1)
    features = network.features(rows(made))
    assert features.ndim == 2
    assert network(rows(made)).shape == (7, 3)
    assert torch.equal(network.head(features), network(rows(made)))


@everywhere
def test_a_row_is_answered_alike_whatever_rows_are_beside_it_even_in_training(made):
    network = build(made, seed=1).train()
    together, alone = network(rows(made)), torch.cat([network(row[None]) for row in rows(made)])
    assert torch.allclose(together, alone, atol=1e-5)
    assert list(network.buffers()) == [], "a running statistic of people"


@everywhere
def test_a_network_comes_back_from_its_file_to_the_bit(made, tmp_path):
    network = build(made, seed=1)
    save_network(tmp_path / "a", network)
    again = load_network(tmp_path / "a")
    assert again.architecture == made
    assert torch.equal(again(rows(made)), network(rows(made)))
    assert not again.training
    save_network(tmp_path / "b", again)
    assert (tmp_path / "a" / FILE).read_bytes() == (tmp_path / "b" / FILE).read_bytes()


@everywhere
def test_the_seed_decides_the_weights_and_leaves_the_global_generator_alone(made):
    torch.manual_seed(4)
    one, two, other = build(made, seed=1), build(made, seed=1), build(made, seed=2)
    drawn = torch.rand(1)
    torch.manual_seed(4)
    assert torch.equal(drawn, torch.rand(1))
    assert torch.equal(one(rows(made)), two(rows(made)))
    assert not torch.equal(one(rows(made)), other(rows(made)))


def test_training_with_the_same_seed_gives_the_same_bits():
    y = np.arange(7) % 3
    fitted = [fit(build(MADE["cnn"], seed=1), rows(MADE["cnn"]), y, epochs=3, batch=2, seed=seed) for seed in (5, 5, 6)]
    first, second, third = ([value.clone() for value in network.parameters()] for network in fitted)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, third, strict=True))


def test_training_reports_every_step():
    told = []
    fit(
        build(MADE["mlp"], seed=1),
        rows(MADE["mlp"]),
        np.arange(7) % 3,
        epochs=2,
        batch=3,
        progress=lambda *s: told.append(s),
    )
    assert told == [(step, 6) for step in range(1, 7)]


def spoiled(folder, change):
    """Write a file in which `change` was done to tensors and metadata."""
    tensors, public = load_file(folder / FILE), json.loads(_metadata(folder))
    change(tensors, public)
    save_file(tensors, folder / FILE, metadata={"obelus": json.dumps(public)})


def _metadata(folder):
    from safetensors import safe_open

    with safe_open(folder / FILE, "pt") as file:
        return file.metadata()["obelus"]


SPOILED = {
    "nan": lambda tensors, public: tensors["head.bias"].fill_(float("nan")),
    "another dtype": lambda tensors, public: tensors.update({"head.bias": tensors["head.bias"].double()}),
    "another shape": lambda tensors, public: tensors.update({"head.bias": torch.zeros(4)}),
    "one more": lambda tensors, public: tensors.update({"more": torch.zeros(4)}),
    "one less": lambda tensors, public: tensors.pop("head.bias"),
    "another format": lambda tensors, public: public.update(format="obelus/linear/1"),
    "sizes that lie": lambda tensors, public: public.update(width=4096, depth=60),
    "no family": lambda tensors, public: public.pop("family"),
    "an unknown family": lambda tensors, public: public.update(family="rnn"),
    "classes of words": lambda tensors, public: public.update(classes=["a", "b", "c"]),
}


@pytest.mark.parametrize("change", SPOILED.values(), ids=SPOILED)
def test_a_spoiled_file_is_refused(change, tmp_path):
    save_network(tmp_path / "net", build(MADE["mlp"], seed=1))
    spoiled(tmp_path / "net", change)
    with pytest.raises(Refused) as caught:
        load_network(tmp_path / "net")
    assert caught.value.code == "MODEL_UNREADABLE"


def test_a_file_that_is_no_network_is_refused(tmp_path):
    (tmp_path / FILE).write_bytes(b"\x80\x04pickle")
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(Refused) as caught:
            load_network(folder)
        assert caught.value.code == "MODEL_UNREADABLE"


def test_rows_are_prepared_by_public_constants_only():
    made = Architecture(family="mlp", shape=(2,), classes=(4, 7), centres=(1.0, 2.0), scales=(2.0,))
    scaled = build(made, seed=0).scaled(np.array([[3.0, 2.0], [1.0, 6.0]]))
    assert scaled.dtype == torch.float32
    assert scaled.tolist() == [[1.0, 0.0], [0.0, 2.0]]
    assert made.positions(np.array([7, 4, 7])).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([[1.0, 2.0, 3.0]], "WIDTH_MISMATCH"),
        ([[1.0, float("nan")]], "FEATURES_NOT_FINITE"),
        ([[1.0, 1e300]], "FEATURES_NOT_FINITE"),
    ],
)
def test_rows_that_do_not_fit_are_refused(values, code):
    network = build(Architecture(family="mlp", shape=(2,), classes=(4, 7)), seed=0)
    with pytest.raises(Refused) as caught:
        network.scaled(np.array(values))
    assert caught.value.code == code


def test_a_label_outside_the_public_classes_is_refused_without_naming_it():
    with pytest.raises(Refused) as caught:
        MADE["mlp"].positions(np.array([3, 41]))
    assert caught.value.code == "LABEL_UNKNOWN"
    assert "41" not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"family": "cnn", "shape": (4,)},
        {"family": "mlp", "shape": (1, 2, 2)},
        {"family": "vit", "shape": (1, 5, 4)},
        {"family": "vit", "shape": (1, 4, 4), "width": 6},
        {"family": "mlp", "shape": (4,), "classes": (1, 1)},
        {"family": "mlp", "shape": (4,), "scales": (0.0,)},
        {"family": "mlp", "shape": (4,), "width": 10**9},
    ],
)
def test_sizes_that_make_no_network_are_refused(wrong):
    with pytest.raises(Refused) as caught:
        Architecture(**{"classes": (0, 1), **wrong})
    assert caught.value.code == "ARCHITECTURE_INVALID"


def test_an_architecture_survives_the_way_through_parameters():
    for made in MADE.values():
        assert Architecture.from_params(json.loads(json.dumps(made.as_params())) | {"lr": 0.1}) == made
