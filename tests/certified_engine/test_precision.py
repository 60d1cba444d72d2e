"""float64 and nothing less, on the processor and on a GPU."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unlearning.certified import CertifiedClassifier
from unlearning.certified.constants import Constants
from unlearning.certified.learn import descend
from unlearning.certified.precision import refuse_reduced_precision
from unlearning.certified.rows import part_of
from unlearning.runner.refusals import Refused

needs_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="NOT RUN: this machine has no CUDA device")


@pytest.fixture
def as_it_was():
    """torch's switches, put back."""
    before = torch.backends.cuda.matmul.fp32_precision, torch.backends.fp32_precision
    yield
    torch.backends.cuda.matmul.fp32_precision, torch.backends.fp32_precision = before


def code_of_a_refusal():
    with pytest.raises(Refused) as refused:
        refuse_reduced_precision(torch.zeros(1, dtype=torch.float64))
    return refused.value.code


def test_plain_float64_is_welcome():
    refuse_reduced_precision(torch.zeros(1, dtype=torch.float64))


@pytest.mark.parametrize("kind", ["tf32", "bf16"])
def test_tf32_and_bfloat16_products_are_refused(as_it_was, kind):
    try:
        torch.backends.cuda.matmul.fp32_precision = kind
    except RuntimeError:
        torch.backends.fp32_precision = "tf32"  # bf16 is offered by the processor's library only
    assert code_of_a_refusal() == "REDUCED_PRECISION"


@pytest.mark.parametrize(
    "switch", ["NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "CUBLAS_EMULATE_DOUBLE_PRECISION"]
)
def test_switches_in_the_environment_are_refused(monkeypatch, switch):
    monkeypatch.setenv(switch, "1")
    assert code_of_a_refusal() == "REDUCED_PRECISION"


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_autocast_is_refused(kind):
    with torch.autocast("cpu", dtype=kind):
        assert code_of_a_refusal() == "REDUCED_PRECISION"


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16])
def test_a_state_of_fewer_bits_is_refused(kind):
    with pytest.raises(Refused) as refused:
        refuse_reduced_precision(torch.zeros(1, dtype=kind))
    assert refused.value.code == "REDUCED_PRECISION"


def test_a_fit_under_autocast_is_refused_and_leaves_no_model(blobs):
    model = CertifiedClassifier(classes=range(3))
    with torch.autocast("cpu"), pytest.raises(Refused) as refused:
        model.fit(*blobs(30))
    assert refused.value.code == "REDUCED_PRECISION"
    assert not hasattr(model, "classes_")


@pytest.mark.parametrize("room", [0.0, 1e12], ids=["chunk by chunk", "kept there"])
@pytest.mark.parametrize("batch", [None, 7])
def test_rows_that_travel_to_a_device_give_the_same_steps(known_noise, monkeypatch, room, batch):
    # "cpu:0" is a device to which rows are copied like to any other: all of the way to a GPU but the GPU.
    monkeypatch.setattr("unlearning.certified.rows._room_bytes", lambda device: room)
    draw = np.random.default_rng(0)
    part = part_of(draw.normal(size=(50, 6)), draw.integers(3, size=50), np.arange(50), norm_bound=1.0)
    numbers = Constants(lam=0.1, eta=1.0, sigma=0.1, n_0=50, steps=9, batch=batch)
    here, there = (
        descend(np.zeros((3, 7)), [part], loss="softmax", constants=numbers, after_step=lambda _: None, device=device)
        for device in ("cpu", "cpu:0")
    )
    assert np.abs(here - there).max() < 1e-13


@pytest.mark.parametrize("device", ["mps", "meta", "tpu", *([] if torch.cuda.is_available() else ["cuda", "cuda:1"])])
def test_a_device_that_is_not_there_or_has_no_float64_is_refused(blobs, device):
    with pytest.raises(Refused) as refused:
        CertifiedClassifier(classes=range(3), device=device).fit(*blobs(30))
    assert refused.value.code == "DEVICE_UNAVAILABLE"


@needs_a_gpu
@pytest.mark.parametrize("loss", ["binary", "softmax", "one_vs_rest"])
@pytest.mark.parametrize("batch", [None, 7])
def test_a_gpu_takes_the_same_steps_as_the_processor(known_noise, loss, batch):
    draw = np.random.default_rng(0)
    part = part_of(draw.normal(size=(50, 6)), draw.integers(2, size=50), np.arange(50), norm_bound=1.0)
    numbers = Constants(lam=0.1, eta=1.0, sigma=0.1, n_0=50, steps=20, batch=batch)
    start = np.zeros((1 if loss == "binary" else 2, 7))
    here, there = (
        descend(start, [part], loss=loss, constants=numbers, after_step=lambda _: None, device=device)
        for device in ("cpu", "cuda")
    )
    assert np.abs(here - there).max() < 1e-12
