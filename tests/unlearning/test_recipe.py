"""An owner's own command: what it is given, what may come back, and that it never outlives the job."""

from __future__ import annotations

import json
import os
import pickle
import signal
import time
import zipfile

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from unlearning.recipe.safe_files import require_safe_files
from unlearning.runner.refusals import Refused

TRAINER = """
import json, os, sys
import numpy as np, pyarrow.parquet as pq
from safetensors.numpy import save_file
data, out, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
table = pq.read_table(data)
rows = np.array(table.column("features").to_pylist())
labels = np.array(table.column("label").to_pylist())
means = np.stack([rows[labels == c].mean(axis=0) for c in (0, 1)])
slots = np.array(table.column("slot").to_pylist())
save_file({"means": means + 0.0 * seed, "slots": slots}, out + "/model.safetensors")
json.dump(dict(os.environ), open(os.environ["REPORT"], "w")) if "REPORT" in os.environ else None
"""


@pytest.fixture
def recipe(lay_out, dataset, patients, tmp_path):
    """Lay out a recipe job around a small Python script."""
    features = dataset(patients)

    def make(script=TRAINER, *, retain=None, **params):
        (tmp_path / "train.py").write_text(script)
        command = ["{python}", str(tmp_path / "train.py"), "{data}", "{out}", "{seed}"]
        manifests = {"retain": {"features": retain}} if retain is not None else {}
        return lay_out("recipe", {"command": command} | params, inputs={"features": features}, manifests=manifests)

    return make


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


def wait_until(condition, *, timeout_s=10.0):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def test_the_owners_command_trains_on_the_kept_rows_only(recipe, run_job, result_of, patients):
    kept = list(range(20, 569))
    folder = recipe(retain=kept, seed=7)
    done = run_job(folder)
    assert done.returncode == 0, done.stderr
    found = load_file(folder / "weights" / "model.safetensors")
    assert found["slots"].tolist() == kept
    expected = patients.features[kept][patients.labels[kept] == 1].mean(axis=0)
    assert found["means"][1] == pytest.approx(expected)
    assert result_of(folder)["outputs"] == {"files": 1}
    assert not (folder / "scratch").exists()
    assert not (folder / "ledger.json").exists()


def test_the_command_inherits_nothing_of_our_environment(recipe, run_here, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    run_here(recipe(environment={"REPORT": str(tmp_path / "report.json")}))
    seen = json.loads((tmp_path / "report.json").read_text())
    assert set(seen) <= {"PATH", "HOME", "TMPDIR", "LANG", "OMP_NUM_THREADS", "REPORT", "LC_CTYPE"}


def refusal(run_here, folder):
    with pytest.raises(Refused) as caught:
        run_here(folder)
    assert not (folder / "weights").exists()
    return caught.value


def test_a_command_that_fails_is_refused_with_its_code(recipe, run_here):
    refused = refusal(run_here, recipe("raise SystemExit(3)"))
    assert (refused.code, "exit code 3" in refused.message) == ("RECIPE_FAILED", True)


def test_a_command_that_does_not_exist_is_refused(recipe, run_here):
    folder = recipe(command=["no-such-program", "{data}", "{out}"])
    assert refusal(run_here, folder).code == "RECIPE_FAILED"


def test_a_command_that_writes_nothing_is_refused(recipe, run_here):
    assert refusal(run_here, recipe("pass")).code == "WEIGHTS_MISSING"


@pytest.mark.parametrize("command", [["true"], ["true", "{data}"], ["true", "{out}"]])
def test_a_command_never_told_where_to_read_or_write_is_refused(recipe, run_here, command):
    assert refusal(run_here, recipe(command=command)).code == "RECIPE_INCOMPLETE"


CLINGING = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(os.environ["PIDS"] + ".part", "w").write(f"{os.getpid()} {child.pid}")
os.rename(os.environ["PIDS"] + ".part", os.environ["PIDS"])
time.sleep(60)
"""


def test_a_command_over_its_time_is_ended_with_all_it_started(recipe, run_here, tmp_path):
    folder = recipe(CLINGING, timeout_s=1.0, environment={"PIDS": str(tmp_path / "pids")})
    assert refusal(run_here, folder).code == "RECIPE_TIMED_OUT"
    pids = [int(word) for word in (tmp_path / "pids").read_text().split()]
    wait_until(lambda: not any(map(alive, pids)))


@pytest.mark.parametrize("end", ["kill", "terminate", "close"])
def test_however_the_runner_ends_the_command_and_its_children_end_too(recipe, start_job, tmp_path, end):
    folder = recipe(CLINGING, environment={"PIDS": str(tmp_path / "pids")})
    process = start_job(folder)
    wait_until((tmp_path / "pids").exists)
    pids = [int(word) for word in (tmp_path / "pids").read_text().split()]
    assert all(map(alive, pids))
    if end == "close":
        process.stdin.close()
    else:
        getattr(process, end)()
    assert process.wait(timeout=5) == (-signal.SIGKILL if end == "kill" else 75)
    wait_until(lambda: not any(map(alive, pids)))
    assert not (folder / "weights").exists()


def test_a_child_left_behind_does_not_outlive_a_command_that_ended_well(recipe, run_here, tmp_path):
    script = TRAINER + (
        "\nimport subprocess\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
        "\nopen(os.environ['PIDS'], 'w').write(str(child.pid))"
    )
    run_here(recipe(script, environment={"PIDS": str(tmp_path / "pids")}))
    wait_until(lambda: not alive(int((tmp_path / "pids").read_text())))


def onnx(fields):
    return b"".join(bytes([number << 3 | 2, len(body)]) + body for number, body in fields)


ONNX = b"\x08\x08" + onnx([(2, b"maker"), (7, b"\x0a\x00graph"), (8, b"\x10\x11")])
XGBOOST = json.dumps({"learner": {"attributes": {}}, "version": [2, 1, 0]}).encode()


@pytest.fixture
def tensors(tmp_path):
    save_file({"w": np.ones(3, np.float32)}, tmp_path / "made.safetensors")
    return (tmp_path / "made.safetensors").read_bytes()


def out_with(tmp_path, **files):
    folder = tmp_path / "out"
    folder.mkdir()
    for name, content in files.items():
        (folder / name.replace("__", ".")).write_bytes(content)
    return folder


def test_the_three_safe_kinds_are_taken(tmp_path, tensors):
    folder = out_with(tmp_path, a__safetensors=tensors, b__onnx=ONNX, c__json=XGBOOST)
    assert require_safe_files(folder) == 3


class Trap:
    def __reduce__(self):
        return (os.system, ("touch /nowhere/trap",))


PICKLE = pickle.dumps(Trap(), protocol=4)
UNSAFE = {
    "a pickle by its name": ("model__pkl", PICKLE),
    "torch's own format": ("model__pt", b"PK\x03\x04"),
    "joblib": ("model__joblib", PICKLE),
    "no suffix": ("model", PICKLE),
    "a pickle called safetensors": ("model__safetensors", PICKLE),
    "a pickle called onnx": ("model__onnx", PICKLE),
    "a pickle called json": ("model__json", PICKLE),
    "an old text pickle called onnx": ("model__onnx", pickle.dumps(Trap(), protocol=0)),
    "any other json": ("model__json", b'{"a": 1}'),
    "an empty onnx": ("model__onnx", b""),
    "half an onnx": ("model__onnx", ONNX[:-1]),
    "an empty safetensors": ("model__safetensors", b""),
}


@pytest.mark.parametrize(("name", "content"), UNSAFE.values(), ids=UNSAFE.keys())
def test_whatever_is_not_surely_safe_is_refused(tmp_path, name, content):
    with pytest.raises(Refused, match="WEIGHTS_NOT_SAFE"):
        require_safe_files(out_with(tmp_path, **{name: content}))


def test_one_unsafe_file_among_safe_ones_refuses_them_all(tmp_path, tensors):
    with pytest.raises(Refused, match="WEIGHTS_NOT_SAFE"):
        require_safe_files(out_with(tmp_path, a__safetensors=tensors, b__pkl=PICKLE))


def test_a_zip_with_a_pickle_hidden_in_an_onnx_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "hidden.zip", "w") as archive:
        archive.writestr("data.pkl", PICKLE)
    hidden = (tmp_path / "hidden.zip").read_bytes()
    length = len(hidden)
    carrier = ONNX + bytes([6 << 3 | 2, length & 0x7F | 0x80, length >> 7]) + hidden
    with pytest.raises(Refused, match="zip"):
        require_safe_files(out_with(tmp_path, model__onnx=carrier))


def test_bytes_behind_a_safetensors_file_are_refused(tmp_path, tensors):
    with pytest.raises(Refused, match="WEIGHTS_NOT_SAFE"):
        require_safe_files(out_with(tmp_path, model__safetensors=tensors + PICKLE))


def test_links_are_refused(tmp_path, tensors):
    folder = out_with(tmp_path, a__safetensors=tensors)
    (folder / "b.safetensors").symlink_to(folder / "a.safetensors")
    with pytest.raises(Refused, match="plain file"):
        require_safe_files(folder)
