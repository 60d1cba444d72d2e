"""The runner's promises to the worker, told on the noop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors import safe_open

from unlearning.runner import jobfolder as jobfolder_module
from unlearning.runner import run as run_module
from unlearning.runner.schemas import faults_of

RESULTS = ("result.json", "ledger.json", "measurements.json", "weights", "scratch")


def wait_for(condition, *, timeout_s=10.0):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def present(folder):
    return {name for name in RESULTS if (folder / name).exists()}


def test_a_noop_leaves_a_result_and_one_draw(lay_out, run_job, result_of):
    folder = lay_out("noop", {"steps": 3})
    assert run_job(folder).returncode == 0
    result = result_of(folder)
    assert (result["status"], result["engine"], result["outputs"]) == ("done", "noop", {"steps": 3})
    assert faults_of("result", result) == []
    with safe_open(folder / "weights" / "draw.safetensors", "numpy") as file:
        assert file.get_tensor("draw").shape == (32,)
    assert present(folder) == {"result.json", "weights"}


def test_two_runs_of_one_spec_draw_differently(lay_out, run_job):
    draws = set()
    for _ in range(2):
        folder = lay_out("noop", {"steps": 0})
        run_job(folder)
        draws.add((folder / "weights" / "draw.safetensors").read_bytes())
    assert len(draws) == 2


def test_progress_shows_steps_and_rate_at_most_five_times_a_second(lay_out, run_job):
    folder = lay_out("noop", {"steps": 60, "pause_s": 0.01})
    run_job(folder)
    lines = [json.loads(line) for line in (folder / "progress.jsonl").read_text().splitlines()]
    assert all(faults_of("progress", line) == [] for line in lines)
    assert (lines[0]["step"], lines[-1]["step"]) == (0, 60)
    assert 3 <= len(lines) <= 12
    assert lines[-1]["rate"] > 1


def test_the_runner_does_not_load_torch_numpy_or_pyarrow_for_a_noop(lay_out):
    folder = lay_out("noop", {"steps": 1})
    code = (
        "import sys, unlearning.__main__ as door; code = door.main(['run', sys.argv[1]]);"
        "print(code, sorted({'torch', 'numpy', 'pyarrow'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "0 []"


def test_a_runner_whose_parent_dies_is_gone_at_once_and_leaves_no_half_result(lay_out, start_job, result_of):
    folder = lay_out("noop", {"steps": 1000, "pause_s": 0.02})
    process = start_job(folder)
    wait_for(lambda: (folder / "progress.jsonl").exists())
    process.stdin.close()
    assert process.wait(timeout=2) == 75
    assert result_of(folder)["status"] == "cancelled"
    assert present(folder) == {"result.json"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_cancels_the_job(lay_out, start_job, result_of, number):
    folder = lay_out("noop", {"steps": 1000, "pause_s": 60})
    process = start_job(folder)
    wait_for(lambda: (folder / "progress.jsonl").exists())
    process.send_signal(number)
    assert process.wait(timeout=2) == 75
    assert faults_of("result", result_of(folder)) == []
    assert present(folder) == {"result.json"}
    process.stdin.close()


def test_a_person_may_run_a_spec_by_hand_with_no_stdin(lay_out):
    folder = lay_out("noop", {"steps": 1})
    command = [sys.executable, "-m", "unlearning", "run", str(folder)]
    assert subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0


def test_kill_nine_in_the_middle_leaves_neither_result_nor_weights(lay_out, start_job, tmp_path):
    faults = tmp_path / "faults"
    faults.mkdir()
    (faults / "mid_run.hold").touch()
    folder = lay_out("noop", {"steps": 4})
    process = start_job(folder, OBELUS_FAULT_DIR=str(faults))
    wait_for((faults / "mid_run.reached").exists)
    process.kill()
    assert process.wait(timeout=2) == -signal.SIGKILL
    assert present(folder) <= {"scratch"}
    process.stdin.close()


def test_a_drill_may_hold_the_runner_at_every_point_and_let_it_go_on(lay_out, start_job, tmp_path):
    faults = tmp_path / "faults"
    faults.mkdir()
    points = ("started", "mid_run", "result_written")
    for point in points:
        (faults / f"{point}.hold").touch()
    folder = lay_out("noop", {"steps": 4})
    process = start_job(folder, OBELUS_FAULT_DIR=str(faults))
    for point in points:
        wait_for((faults / f"{point}.reached").exists)
        assert process.poll() is None
        assert (folder / "result.json").exists() == (point == "result_written")
        (faults / f"{point}.hold").unlink()
    assert process.wait(timeout=5) == 0
    process.stdin.close()


def test_a_stop_after_the_result_is_written_changes_nothing(lay_out, start_job, tmp_path, result_of):
    (tmp_path / "result_written.hold").touch()
    folder = lay_out("noop", {"steps": 4})
    process = start_job(folder, OBELUS_FAULT_DIR=str(tmp_path))
    wait_for((tmp_path / "result_written.reached").exists)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=2) == 0
    assert result_of(folder)["status"] == "done"
    process.stdin.close()


def test_a_refusal_says_code_message_and_remedy(lay_out, run_job, result_of):
    folder = lay_out("noop", {"steps": 2, "fail": "refuse"})
    assert run_job(folder).returncode == 64
    result = result_of(folder)
    assert (result["status"], result["code"]) == ("refused", "NOOP_REFUSED")
    assert result["message"] and result["remedy"]
    assert present(folder) == {"result.json"}


def test_a_crash_leaves_no_result_and_its_message_stays_unsaid(lay_out, run_job):
    folder = lay_out("noop", {"steps": 2, "fail": "crash"})
    done = run_job(folder)
    assert done.returncode not in (0, 64, 75)
    assert present(folder) == set()
    assert "RuntimeError" in done.stderr
    assert "asked to crash" not in done.stderr.splitlines()[-1]


def test_a_used_folder_is_refused_and_left_as_it_was(lay_out, run_job):
    folder = lay_out("noop", {"steps": 1})
    run_job(folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = run_job(folder)
    assert done.returncode == 64
    assert "OUTPUT_NOT_EMPTY" in done.stderr
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_files_of_a_job_are_for_the_owner_only(lay_out, run_job):
    folder = lay_out("noop", {"steps": 1})
    run_job(folder)
    assert all(os.stat(folder / name).st_mode & 0o077 == 0 for name in ("result.json", "weights", "progress.jsonl"))


BAD_SPECS = {
    "not json": "{",
    "a key twice": '{"format":"obelus/spec/1","format":"obelus/spec/1"}',
    "NaN": '{"format": NaN}',
    "a list": "[]",
    "another format": json.dumps(
        {
            "format": "obelus/spec/2",
            "job": "job_" + 32 * "0",
            "engine": "noop",
            "params": {},
            "inputs": {},
            "manifests": {},
        }
    ),
}


@pytest.mark.parametrize("text", BAD_SPECS.values(), ids=BAD_SPECS.keys())
def test_an_unsound_spec_is_refused(tmp_path, run_job, result_of, text):
    (tmp_path / "spec.json").write_text(text)
    assert run_job(tmp_path).returncode == 64
    assert result_of(tmp_path)["code"] == "SPEC_INVALID"
    assert faults_of("result", result_of(tmp_path)) == []


def test_a_folder_without_a_spec_is_refused(tmp_path, run_job, result_of):
    assert run_job(tmp_path).returncode == 64
    assert result_of(tmp_path)["code"] == "SPEC_INVALID"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"engine": "magic"}, "ENGINE_UNKNOWN"),
        ({"params": {"steps": -1}}, "PARAMS_INVALID"),
        ({"params": {"colour": "red"}}, "PARAMS_INVALID"),
        ({"extra": 1}, "SPEC_INVALID"),
        ({"inputs": {"a": {"path": "inputs/../spec.json", "digest": "sha256:" + 64 * "0"}}}, "SPEC_INVALID"),
        ({"inputs": {"a": {"path": "/etc/hostname", "digest": "sha256:" + 64 * "0"}}}, "SPEC_INVALID"),
        ({"inputs": {"a": {"path": "inputs/a", "digest": "sha256:" + 64 * "0"}}}, "INPUT_MISSING"),
        ({"manifests": {"forget": {"a": [1, 1]}}}, "SPEC_INVALID"),
        ({"manifests": {"forget": {"a": [-1]}}}, "SPEC_INVALID"),
    ],
)
def test_a_wrong_field_is_refused_by_its_own_code(lay_out, run_job, result_of, change, code):
    folder = lay_out("noop", {"steps": 1})
    spec = json.loads((folder / "spec.json").read_text()) | change
    (folder / "spec.json").write_text(json.dumps(spec))
    assert run_job(folder).returncode == 64
    assert result_of(folder)["code"] == code


def test_an_input_whose_bytes_changed_is_refused(lay_out, run_job, result_of, tmp_path):
    source = tmp_path / "rows.bin"
    source.write_bytes(b"one")
    folder = lay_out("noop", {"steps": 1}, inputs={"rows": source})
    (folder / "inputs" / "rows").write_bytes(b"two")
    assert run_job(folder).returncode == 64
    assert result_of(folder)["code"] == "DIGEST_MISMATCH"


def test_a_link_as_input_is_refused(lay_out, run_job, result_of, tmp_path):
    source = tmp_path / "model"
    source.mkdir()
    (source / "a.safetensors").write_bytes(b"x")
    folder = lay_out("noop", {"steps": 1}, inputs={"model": source})
    (folder / "inputs" / "model" / "b").symlink_to("/etc/hostname")
    assert run_job(folder).returncode == 64
    assert result_of(folder)["code"] == "INPUT_NOT_PLAIN"


def test_a_folder_that_is_not_there_is_a_plain_refusal(tmp_path: Path, run_job):
    assert run_job(tmp_path / "nowhere").returncode == 64


def test_a_refusal_stays_a_refusal_when_it_is_asked_to_stop_too(lay_out, start_job, result_of, tmp_path):
    (tmp_path / "mid_run.hold").touch()
    folder = lay_out("noop", {"steps": 2, "fail": "refuse"})
    process = start_job(folder, OBELUS_FAULT_DIR=str(tmp_path))
    wait_for((tmp_path / "mid_run.reached").exists)
    (tmp_path / "mid_run.hold").unlink()
    wait_for((folder / "result.json").exists)
    process.stdin.close()
    assert process.wait(timeout=5) == 64
    assert result_of(folder)["status"] == "refused"


def test_a_refusal_of_parameters_names_the_job_and_engine(lay_out, run_job, result_of):
    folder = lay_out("noop", {"steps": -1})
    run_job(folder)
    assert result_of(folder)["engine"] == "noop"
    assert result_of(folder)["job"] == json.loads((folder / "spec.json").read_text())["job"]


def test_a_full_disk_leaves_no_half_result(lay_out, monkeypatch):
    folder = lay_out("noop", {"steps": 1})

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(jobfolder_module.os, "fsync", full)
    run = run_module._Run(folder)
    monkeypatch.setattr(run.lifeline, "start", lambda: None)
    assert run.to_the_end() not in (0, 64, 75)
    assert present(folder) == set()
    assert not list(folder.glob("*.partial"))


def test_many_row_indexes_are_read_in_good_time(lay_out, tmp_path):
    source = tmp_path / "rows.bin"
    source.write_bytes(b"one")
    rows = list(range(50_000))
    folder = lay_out("noop", {"steps": 0}, inputs={"rows": source}, manifests={"retain": {"rows": rows}})
    start = time.process_time()
    assert jobfolder_module.read_spec(folder).manifests["retain"]["rows"] == rows
    assert time.process_time() - start < 2.0


def test_without_a_command_the_door_says_how_it_is_used():
    done = subprocess.run([sys.executable, "-m", "unlearning"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "run JOB_DIR" in done.stderr


def test_the_runner_sets_the_threads_before_torch_is_there():
    """Two spinning threads on two busy cores ran eight times slower than one; a spec may ask for more."""
    program = (
        "import sys; from unlearning.runner.run import limit_threads; assert 'torch' not in sys.modules; "
        "limit_threads(1); import os, torch; print(torch.get_num_threads(), os.environ['OMP_WAIT_POLICY'])"
    )
    bare = {name: value for name, value in os.environ.items() if "THREADS" not in name}
    done = subprocess.run(
        [sys.executable, "-c", program], env=bare, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["1", "PASSIVE"]
