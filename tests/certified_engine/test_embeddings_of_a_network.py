"""The head of a deep network: frozen embeddings whose extractor was trained on other people."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from unlearning.certified import CertifiedClassifier, Extractor
from unlearning.certified.requests import RequestRefused

SOME = "sha256:" + "0" * 64


def trained_extractor(images, labels, epochs=4):
    """A tiny convolutional network learned on public people; its last layer is cut off."""
    torch.manual_seed(0)
    body = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.MaxPool2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(128, 16),
        torch.nn.Tanh(),
    )
    head = torch.nn.Linear(16, 10)
    descent = torch.optim.Adam([*body.parameters(), *head.parameters()], lr=0.01)
    for _ in range(epochs):
        for rows in torch.arange(len(images)).split(32):
            descent.zero_grad()
            torch.nn.functional.cross_entropy(head(body(images[rows])), labels[rows]).backward()
            descent.step()
    return body.eval()


def test_a_head_on_an_extractor_of_public_people_is_certified_and_forgets():
    values, labels = load_digits(return_X_y=True)
    images = torch.tensor(values / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
    public, private = np.arange(500), np.arange(500, 1797)
    body = trained_extractor(images[public], torch.tensor(labels[public]))
    weights = b"".join(tensor.numpy().tobytes() for tensor in body.state_dict().values())
    extractor = Extractor(digest="sha256:" + hashlib.sha256(weights).hexdigest(), trained_on_subjects=public.tolist())
    with torch.no_grad():
        embeddings = body(images[private]).double().numpy()
    model = CertifiedClassifier(epsilon=4.0, delta=1e-5, l2=0.02, classes=range(10), norm_bound=1.0)
    model.fit(
        embeddings[:900],
        labels[private][:900],
        record_ids=private[:900],
        subjects=private[:900],
        extractor=extractor,
    )
    model.delete(private[:5])
    assert model.certificate_.b_epsilon <= 4.0 and model.certificate_.a_epsilon <= 2.0
    assert model.certificate_.gaps == ()
    assert model.score(embeddings[900:], labels[private][900:]) > 0.75


def fit_with(blobs, extractor, **more):
    values, labels = blobs(30)
    return CertifiedClassifier(classes=range(3), capacity=32).fit(values, labels, extractor=extractor, **more)


def test_an_extractor_that_shares_a_person_is_refused(blobs):
    with pytest.raises(RequestRefused) as refused:
        fit_with(blobs, Extractor(digest=SOME, trained_on_subjects=["x", 7]), subjects=range(30))
    assert refused.value.code == "EXTRACTOR_SHARES_SUBJECT"


def test_without_subjects_nobody_can_compare(blobs):
    with pytest.raises(RequestRefused) as refused:
        fit_with(blobs, Extractor(digest=SOME, trained_on_subjects=["x"]))
    assert refused.value.code == "SUBJECTS_MISSING"


def test_an_extractor_of_unknown_people_gives_no_certificate(blobs):
    certificate = fit_with(blobs, Extractor(digest=SOME)).certificate_
    assert certificate.b_epsilon == float("inf") and certificate.rung == "none"
    assert "No certificate" in str(certificate) and "EXTRACTOR_UNKNOWN" in certificate.gaps


def test_a_person_of_the_extractor_cannot_be_inserted_later(blobs):
    model = fit_with(blobs, Extractor(digest=SOME, trained_on_subjects=["x"]), subjects=range(30))
    with pytest.raises(RequestRefused) as refused:
        model.insert([[0.0] * 5], [0], record_ids=["new"], subjects=["x"])
    assert refused.value.code == "EXTRACTOR_SHARES_SUBJECT"
    other = Extractor(digest="sha256:" + "1" * 64, trained_on_subjects=[])
    with pytest.raises(RequestRefused) as refused:
        model.insert([[0.0] * 5], [0], record_ids=["new"], subjects=["y"], extractor=other)
    assert refused.value.code == "EXTRACTOR_DIFFERS"


def test_an_extractor_without_a_digest_is_refused():
    with pytest.raises(RequestRefused) as refused:
        Extractor(digest="resnet50", trained_on_subjects=[])
    assert refused.value.code == "EXTRACTOR_UNNAMED"
