"""The engines of the job folder take `batch`, `loss` and `rows` too, and one more engine inserts."""

from __future__ import annotations

import json

import numpy as np
import pytest

from unlearning.accounting import Ledger, price
from unlearning.certified import delete, insert, train
from unlearning.datasets import Rows, write_rows
from unlearning.linear import load_model
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Spec
from unlearning.runner.progress import Progress
from unlearning.runner.refusals import Refused

PARAMS = {
    **{"lam": 0.05, "eta": 1.5, "sigma": 0.02, "steps": 30, "n_0": 40, "norm_bound": 1.0},
    **{"classes": [0, 1, 2], "centres": [0.0] * 5, "scales": [1.0] * 5},
    **{"adjacency": "zero_out", "contribution_cap": 1},
}


@pytest.fixture
def run(tmp_path, blobs):
    """`run(engine, params, manifests, parent=folder)`: a finished job's folder, and its result."""
    values, labels = blobs(40)
    write_rows(tmp_path / "rows.parquet", Rows(np.arange(40)[::-1].copy(), labels, values))
    folders = iter(range(99))

    def go(engine, params, manifests, *, parent=None, job=None):
        number = next(folders)
        folder = tmp_path / f"job-{number}"
        (folder / "scratch").mkdir(parents=True)
        inputs = {"features": tmp_path / "rows.parquet"}
        if parent is not None:
            inputs |= {"model": parent / "weights", "ledger": parent / "ledger.json"}
        spec = Spec(
            job=f"job_{number:032x}",
            engine=engine.__name__,
            params=PARAMS | params,
            inputs=inputs,
            manifests={name: {"features": list(rows)} for name, rows in manifests.items()},
            threads=1,
        )
        job = Job(spec, folder, folder / "scratch", Progress(folder / "progress.jsonl"), lambda _: None)
        outcome = engine.run(job)
        outcome.weights.rename(folder / "weights")
        (folder / "ledger.json").write_text(json.dumps(outcome.ledger))
        return folder

    return go


def ledger_of(folder):
    return Ledger.from_json((folder / "ledger.json").read_bytes())


@pytest.mark.parametrize("more", [{"batch": 7}, {"loss": "one_vs_rest"}, {"batch": 7, "loss": "capped"}])
def test_training_and_deletion_with_something_new_are_priced_from_the_second_format(run, more):
    first = run(train, more, {"retain": range(40)})
    second = run(delete, more, {"forget": range(3), "retain": range(3, 40)}, parent=first)
    ledger = ledger_of(second)
    assert ledger.format == "obelus/ledger/2"
    named = {None: None, "one_vs_rest": "one_vs_rest", "capped": "capped_softmax"}[more.get("loss")]
    assert (ledger.problem.batch, ledger.problem.loss) == (more.get("batch"), named)
    assert price(ledger, delta=1e-5).a.mu < price(ledger_of(first), delta=1e-5).b.mu
    assert not np.array_equal(load_model(first / "weights").theta, load_model(second / "weights").theta)


def test_a_spec_that_says_nothing_new_gets_the_first_format(run):
    first = run(train, {}, {"retain": range(40)})
    assert ledger_of(first).format == "obelus/ledger/1"
    assert ledger_of(run(train, {"loss": "auto"}, {"retain": range(40)})) == Ledger.from_dict(
        json.loads((first / "ledger.json").read_text().replace(f"{0:032x}", f"{1:032x}"))
    )


def test_rows_come_into_free_slots_and_are_written_down(run):
    params = {"rows": 36, "batch": 10}
    first = run(train, params, {"retain": range(36)})
    second = run(insert, params | {"steps": 12}, {"insert": [36, 37], "retain": range(36)}, parent=first)
    ledger = ledger_of(second)
    assert [event.event for event in ledger.events] == ["trained", "inserted", "steps"]
    assert (ledger.rows, ledger.events[1].records, ledger.events[2].steps) == (38, 2, 12)


@pytest.mark.parametrize(
    ("engine", "params", "manifests", "code"),
    [
        (insert, {"rows": 36}, {"insert": range(36, 40), "retain": range(37)}, "MANIFESTS_OVERLAP"),
        (insert, {"rows": 36}, {"insert": [], "retain": range(36)}, "NO_ROWS"),
        (insert, {"rows": 36}, {"insert": [39], "retain": range(37)}, "ROWS_EXCEED_N_0"),
        (insert, {"rows": 36, "batch": 5}, {"insert": [39], "retain": range(36)}, "PARENT_MISMATCH"),
        (delete, {"rows": 36, "loss": "one_vs_rest"}, {"forget": [0], "retain": range(1, 36)}, "PARENT_MISMATCH"),
    ],
)
def test_another_pipeline_or_a_wrong_list_of_rows_is_refused(run, engine, params, manifests, code):
    first = run(train, {"rows": 36}, {"retain": range(36)})
    with pytest.raises(Refused) as refused:
        run(engine, params, manifests, parent=first)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("params", "rows", "code"),
    [
        ({"batch": 7, "n_0": 39}, range(39), "SLOT_OUT_OF_RANGE"),
        ({"rows": 36}, range(35), "ROWS_DIFFER"),
        ({"loss": "binary"}, range(40), "LOSS_UNFIT"),
        ({"batch": 41}, range(40), "LEDGER_MALFORMED"),
    ],
)
def test_training_that_cannot_be_priced_is_refused(run, params, rows, code):
    with pytest.raises(Refused) as refused:
        run(train, params, {"retain": rows})
    assert refused.value.code == code
