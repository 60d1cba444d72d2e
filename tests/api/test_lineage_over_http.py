"""Datasets, snapshots, models, checkpoints, deployments and objects over HTTP."""

import base64
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from governance.jobs.models import Job
from governance.lineage.models import Checkpoint, Dataset, Snapshot, TrainedModel
from governance.objects.destruction import destroy

pytestmark = pytest.mark.django_db
PARQUET = "application/vnd.apache.parquet"
PLAIN = {"engine": "recipe", "problem": {"command": ["true"], "timeout_s": 10}}

CERTIFIED = {
    **{"lam": 0.1, "eta": 0.5, "sigma": 0.05, "steps": 10, "n_0": 4, "norm_bound": 1.0, "classes": [0, 1]},
    **{"centres": [0.0, 0.0], "scales": [1.0, 1.0], "adjacency": "zero_out", "contribution_cap": 1},
}


@pytest.fixture(autouse=True)
def _store_of_this_test(settings, tmp_path):
    settings.OBELUS_VAR = tmp_path


@pytest.fixture
def operator(as_):
    return as_("operator")


def post(client, path, body):
    return client.post(path, body, content_type="application/json")


def dataset(client, **more):
    return post(client, "/api/v1/datasets", {"name": "cancer", "feature_width": 2, **more})


def parquet(rows=4, **replaced):
    columns = {
        "record_id": [f"r{i}" for i in range(rows)],
        "subject": [f"s{i}" for i in range(rows)],
        "label": pa.array([i % 2 for i in range(rows)], pa.int64()),
        "features": pa.array([[float(i), 0.5] for i in range(rows)], pa.list_(pa.float64())),
        **replaced,
    }
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def snapshot(client, where, data=None):
    return client.post(f"{where}/snapshots", data or parquet(), content_type=PARQUET)


def safetensors():
    header = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    return len(header).to_bytes(8, "little") + header + b"\0\0\0\0"


def foreign(client, **replaced):
    files = {"model.safetensors": base64.b64encode(safetensors()).decode()}
    return post(client, "/api/v1/checkpoints", {"name": "old", "gaps": ["its data"], "files": files, **replaced})


def test_a_dataset_takes_a_snapshot(operator):
    where = dataset(operator)["Location"]
    answer = snapshot(operator, where)
    assert (answer.status_code, answer.json()["rows"]) == (201, 4)
    assert [row["ref"] for row in operator.get(f"{where}/snapshots").json()["items"]] == [answer.json()["ref"]]
    assert operator.get("/api/v1/datasets").json()["items"][0]["name"] == "cancer"


def test_a_dataset_names_the_extractor_of_its_features(operator):
    checkpoint = foreign(operator).json()["ref"]
    made = dataset(operator, extractor=checkpoint)
    assert (made.status_code, made.json()["extractor"]) == (201, checkpoint), made.content
    public = dataset(operator, name="embeddings", public_extractor="sha256:" + "a" * 64)
    assert public.json()["public_extractor"] == "sha256:" + "a" * 64
    both = dataset(operator, name="both", extractor=checkpoint, public_extractor="sha256:" + "a" * 64)
    assert (both.status_code, both.json()["code"]) == (422, "bad_extractor")
    assert dataset(operator, name="none", extractor="ckpt_" + "0" * 32).status_code == 404


def test_a_certified_training_on_an_unknown_extractors_features_is_refused(operator):
    where = dataset(operator, extractor=foreign(operator).json()["ref"])["Location"]
    taken = snapshot(operator, where).json()
    certified = {**PLAIN, "engine": "certified.train", "problem": CERTIFIED}
    model = post(operator, "/api/v1/models", {"name": "head", "dataset": taken["dataset"], **certified})
    assert model.status_code == 201, model.content
    answer = post(operator, f"{model['Location']}/training-runs", {"snapshot": taken["ref"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "extractor_unknown")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"no parquet", "parquet_unreadable"),
        (b"", "parquet_unreadable"),
        (parquet(record_id=["r0", "r0", "r1", "r2"]), "duplicate_record"),
        (parquet(record_id=["r0", None, "r1", "r2"]), "record_missing"),
        (parquet(features=[[1.0, float("nan")]] * 4), "features_not_finite"),
        (parquet(features=[[1.0]] * 4), "wrong_width"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_and_nothing_is_stored(operator, data, code):
    where = dataset(operator)["Location"]
    answer = operator.post(f"{where}/snapshots", data, content_type=PARQUET)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Snapshot.objects.exists()


def test_a_snapshot_of_another_kind_of_content_is_refused(operator):
    where = dataset(operator)["Location"]
    assert operator.post(f"{where}/snapshots", parquet(), content_type="application/json").status_code == 415


def test_a_file_larger_than_the_limit_is_refused_before_it_is_read(operator, monkeypatch):
    monkeypatch.setattr("governance.api.views.datasets.Snapshots.most_bytes", 100)
    answer = snapshot(operator, dataset(operator)["Location"])
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_name_is_taken_once(operator):
    dataset(operator)
    assert dataset(operator).json()["code"] == "name_taken"
    assert Dataset.objects.count() == 1


@pytest.mark.parametrize("width", [0, -1, 2**31, "many", None])
def test_a_width_that_no_dataset_has_is_refused(operator, width):
    assert dataset(operator, feature_width=width).status_code == 422
    assert not Dataset.objects.exists()


def test_a_model_is_registered_with_its_whole_problem_and_cap(operator):
    home = dataset(operator).json()["ref"]
    asked = {"name": "m", "dataset": home, **PLAIN, "cap_mu": 2.0, "cap_delta": 1e-5}
    made = post(operator, "/api/v1/models", asked)
    seen = operator.get(made["Location"]).json()
    assert (seen["dataset"], seen["cap"], seen["engine"]) == (home, {"mu": 2.0, "delta": 1e-5}, "recipe")


def test_a_model_whose_problem_does_not_fit_is_refused(operator):
    home = dataset(operator).json()["ref"]
    asked = {"name": "m", "dataset": home, "engine": "certified.train", "problem": {"steps": "many"}}
    assert post(operator, "/api/v1/models", asked).json()["code"] == "bad_parameters"
    asked["engine"] = "nonsense"
    assert post(operator, "/api/v1/models", asked).json()["errors"][0]["field"] == "engine"
    assert not TrainedModel.objects.exists()


def test_a_training_run_is_queued_and_names_its_job(operator):
    where = dataset(operator)["Location"]
    taken = snapshot(operator, where).json()["ref"]
    home = where.rsplit("/", 1)[-1]
    model = post(operator, "/api/v1/models", {"name": "m", "dataset": home, **PLAIN})["Location"]
    run = post(operator, f"{model}/training-runs", {"snapshot": taken})
    assert run.status_code == 201, run.content
    job = Job.objects.get()
    assert (run.json()["jobs"], job.engine, job.purpose) == ([job.ref], "recipe", "train")
    own = {"snapshot": taken, "command": ["python", "train.py"], "timeout_s": 5}
    assert post(operator, f"{model}/training-runs", own).status_code == 201
    assert Job.objects.latest("id").spec["params"]["command"] == ["python", "train.py"]
    assert len(operator.get(f"{model}/training-runs").json()["items"]) == 2


def test_a_checkpoint_from_elsewhere_comes_in_as_json_or_as_a_form(operator):
    made = foreign(operator)
    assert made.status_code == 201, made.content
    part = SimpleUploadedFile("model.safetensors", safetensors())
    form = operator.post("/api/v1/checkpoints", {"name": "other", "gaps": ["a", "b"], "files": [part]})
    assert form.status_code == 201, form.content
    assert form.json()["object_digest"] == made.json()["object_digest"]
    assert TrainedModel.objects.get(name="other").gaps == ["a", "b"]
    assert operator.get(made["Location"]).json()["status"] == "candidate"


@pytest.mark.parametrize(
    ("replaced", "status"),
    [
        ({"files": {}}, 422),
        ({"files": {"m": "###"}}, 422),
        ({"files": {"m": base64.b64encode(b"\x80\x04pickle").decode()}}, 422),
        ({"files": {"../m": base64.b64encode(safetensors()).decode()}}, 422),
        ({"gaps": []}, 422),
        ({"dataset": "ds_" + "0" * 32}, 404),
    ],
)
def test_a_checkpoint_that_cannot_be_taken_in_leaves_nothing(operator, replaced, status):
    answer = foreign(operator, **replaced)
    assert answer.status_code == status, answer.content
    assert not Checkpoint.objects.exists()


def test_what_was_made_from_a_checkpoint_is_declared_once_and_never_in_a_ring(operator):
    parent, child = foreign(operator), foreign(operator, name="new")
    edge = {"child": child.json()["ref"], "kind": "finetuned_from"}
    assert post(operator, f"{parent['Location']}/descendants", edge).status_code == 201
    assert operator.get(f"{parent['Location']}/descendants").json() == [{**edge, "parent": parent.json()["ref"]}]
    assert operator.get(child["Location"]).json()["ancestors"][0]["parent"] == parent.json()["ref"]
    ring = {"child": parent.json()["ref"], "kind": "finetuned_from"}
    assert post(operator, f"{child['Location']}/descendants", ring).json()["code"] == "descent_ring"


def test_a_deployment_reports_what_it_has_loaded(operator, machine):
    checkpoint = foreign(operator).json()
    made = post(operator, "/api/v1/deployments", {"name": "ward", "model": checkpoint["model"]})
    server = machine("deployments:report")
    told = post(server, f"{made['Location']}/report", {"digest": checkpoint["object_digest"]})
    assert (told.status_code, told.json()["serving"]) == (200, checkpoint["object_digest"])
    other = post(server, f"{made['Location']}/report", {"digest": "sha256:" + "0" * 64})
    assert (other.status_code, other.json()["code"]) == (422, "unknown_digest")


def test_an_object_of_rows_does_not_say_how_long_they_are(operator):
    """The one without somebody is smaller by what they had written."""
    digest = foreign(operator).json()["object_digest"]
    Snapshot.objects.create(dataset=Dataset.objects.create(name="d", feature_width=1), object_digest=digest, rows=1)
    assert operator.get(f"/api/v1/objects/{digest}").json()["size_bytes"] is None


def test_an_object_answers_with_its_parts_then_410_and_an_unknown_one_404(operator):
    digest = foreign(operator).json()["object_digest"]
    seen = operator.get(f"/api/v1/objects/{digest}").json()
    assert [part["path"] for part in seen["parts"]] == ["model.safetensors"] and seen["size_bytes"] > 0
    destroy(digest)
    gone = operator.get(f"/api/v1/objects/{digest}")
    assert (gone.status_code, gone.json()["code"]) == (410, "destroyed")
    assert operator.get("/api/v1/objects/sha256:" + "0" * 64).status_code == 404
