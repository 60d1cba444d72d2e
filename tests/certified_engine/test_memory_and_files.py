"""Features are borrowed or read in chunks: what a fit adds to memory, and that a file gives the same model."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from unlearning.certified import CertifiedClassifier
from unlearning.certified.requests import RequestRefused

ROWS, FEATURES = 10_000, 784
HANDED_OVER = "fit(features, labels, copy_X=False).delete([0])"
# In a process of its own, because the highest water mark of this one was set by others. The first fit loads torch.
PROGRAM = f"""
import json, sys
import numpy as np
from unlearning.certified import CertifiedClassifier

def kib(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))

def fit(features, labels, **more):
    return CertifiedClassifier(classes=range(10), steps=3, capacity=10_000, **more).fit(features, labels)

labels = np.arange({ROWS}) % 10
fit(np.random.default_rng(0).random((50, {FEATURES})), labels[:50])
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the water mark starts again from here
before = kib("VmRSS")
features = np.empty(({ROWS}, {FEATURES}))
np.random.default_rng(0).random(out=features)
LIFE
print(json.dumps((kib("VmHWM") - before) * 1024 / features.nbytes))
"""


@pytest.mark.parametrize("life", ["fit(features, labels)", HANDED_OVER], ids=["borrowed", "handed over, with deletion"])
def test_features_and_model_together_take_at_most_1_3_times_the_features(life):
    environment, program = {**os.environ, "OMP_NUM_THREADS": "1"}, PROGRAM.replace("LIFE", life)
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
    times = json.loads(done.stdout)
    assert 1.0 <= times <= 1.3


@pytest.mark.parametrize("batch", [None, 11])
@pytest.mark.parametrize("loss", ["softmax", "one_vs_rest"])
def test_a_file_gives_the_same_model_as_an_array(blobs, known_noise, tmp_path, batch, loss):
    values, labels = blobs(50)
    np.save(tmp_path / "x.npy", values)
    settings = {"epsilon": 5.0, "classes": range(3), "batch": batch, "loss": loss, "capacity": 52}

    def model(features):
        fitted = CertifiedClassifier(**settings).fit(features, labels)
        fitted.delete([3, 4, 17])
        return fitted.insert(values[:2], labels[:2], record_ids=["a", "b"]).coef_

    here = model(values)
    for features in (str(tmp_path / "x.npy"), tmp_path / "x.npy", np.load(tmp_path / "x.npy", mmap_mode="r")):
        assert model(features) == pytest.approx(here, abs=1e-7)  # float32 once published
    assert abs(here).max() > 1e-3


def test_a_file_is_opened_read_only_and_stays_as_it_was(blobs, tmp_path):
    values, labels = blobs(50)
    np.save(tmp_path / "x.npy", values)
    before = (tmp_path / "x.npy").read_bytes()
    model = CertifiedClassifier(classes=range(3), epsilon=10.0).fit(tmp_path / "x.npy", labels)
    model.delete([0])
    assert model._line.rows.parts[0].mapped and not model._line.rows.parts[0].features.flags.writeable
    assert (tmp_path / "x.npy").read_bytes() == before
    assert np.array_equal(model.predict(tmp_path / "x.npy"), model.predict(values))


def test_a_file_of_pickled_objects_is_never_opened(blobs, tmp_path):
    np.save(tmp_path / "x.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(RequestRefused) as refused:
        CertifiedClassifier(classes=range(3)).fit(tmp_path / "x.npy", [0])
    assert refused.value.code == "FEATURES_UNREADABLE"
