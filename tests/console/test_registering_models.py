"""Registering a model and queueing a training in the console: constants in words, from the catalog's own schemas."""

import json
import math

import pytest
from django.test import Client

from governance.audit.models import Entry, Event
from governance.console.registering import constants, model_asks
from governance.console.registering.suggesting import worked_out
from governance.jobs.models import Job
from governance.lineage.models import Base, Dataset, TrainedModel, TrainingRun
from governance.lineage.services import register_dataset, take_snapshot
from tests.console.forms import sent, signed_in, text_of, told, wrong_of
from tests.lineage.test_texts import file_of
from tests.lineage.test_texts import told as letters
from tests.lineage.ward import columns, parquet
from unlearning.accounting import GdpBound, Problem
from unlearning.accounting.noisy_descent import learning_bound_of
from unlearning.catalog import validate_params, with_defaults

pytestmark = pytest.mark.django_db
FORM = "/console/models/new/"
# As a browser sends the form when only what must be filled in is.
CERTIFIED = {
    "engine": "certified.train",
    "name": "risk",
    "n_0": "20",
    "classes": "0, 1",
    "centres": "0",
    "scales": "1",
    "lam": "0.01",
    "norm_bound": "1",
    "adjacency": "zero_out",
    "epsilon": "3",
    "delta": "1e-5",
    "cap_epsilon": "",
    "contribution_cap": "",
}
WORKED_OUT = {"eta": "0.5", "sigma": "0.05", "steps": "10"}


@pytest.fixture(autouse=True)
def _store_of_this_test(settings, tmp_path):
    settings.OBELUS_VAR = tmp_path


@pytest.fixture
def operator(folk) -> Client:
    return signed_in(folk.operator)


@pytest.fixture
def ward(folk) -> Dataset:
    from governance.actors import person

    actor = person(folk.operator, "operator")
    home = register_dataset(name="ward", feature_width=4, rows_per_subject=1, actor=actor)
    take_snapshot(dataset=home, parquet=parquet(columns()), actor=actor)
    return home


@pytest.fixture
def press(folk) -> Dataset:
    from governance.actors import person

    actor = person(folk.operator, "operator")
    home = register_dataset(name="press", kind="texts", rows_per_subject=3, actor=actor)
    take_snapshot(dataset=home, parquet=file_of(letters()), actor=actor)
    return home


def send(client: Client, home: Dataset, **changes: object):
    return client.post(FORM, CERTIFIED | WORKED_OUT | {"dataset": home.ref} | changes)


def value_of(answer, name: str) -> str:
    """What stands in a field of the page."""
    return answer.content.decode().split(f'name="{name}" id="ask-{name}" value="', 1)[1].split('"', 1)[0]


def test_every_constant_of_every_kind_has_words_and_what_is_suggested_fits_its_schema():
    for engine in model_asks.KINDS:
        asks = constants.constants(engine)
        assert {path for path, _, _ in constants.leaves(engine)} == {ask.name for ask in asks}
        assert all(ask.label and ask.help for ask in asks)
        needed = {"n_0": "20", "eta": "1", "sigma": "1", "steps": "1", "contribution_cap": "1", "epochs": "1"}
        needed |= {"family": "decoder" if engine == "generator.train" else "mlp", "shape": "2 2", "command": "true"}
        told_of = {ask.name: ask.default or needed.get(ask.name, "") for ask in asks if ask.default or ask.required}
        told_of |= {name: needed[name] for name in constants.OF_THE_DATASET if name in {ask.name for ask in asks}}
        validate_params(engine, constants.problem_of(engine, told_of))


def test_a_first_model_is_worked_out_registered_for_good_and_trained_from_the_console_alone(operator, ward):
    asked = CERTIFIED | {"dataset": ward.ref, "do": "work_out", "eta": "", "sigma": "", "steps": ""}
    suggested = operator.post(FORM, asked)
    found = {name: value_of(suggested, name) for name in WORKED_OUT}
    assert "Nothing is registered yet." in text_of(suggested) and not TrainedModel.objects.exists()
    assert value_of(suggested, "name") == "risk"
    answer = send(operator, ward, **found)
    model = TrainedModel.objects.get(name="risk")
    assert (model.problem["centres"], model.problem["scales"]) == ([0.0] * 4, [1.0] * 4)
    assert (model.problem["contribution_cap"], model.problem["steps"]) == (1, int(found["steps"]))
    page = operator.get(answer["Location"])
    assert "Its constants are fixed for good." in text_of(page) and "0 for all 4" in text_of(page)
    assert "Not trained yet" in text_of(page)
    version = ward.snapshots.get().ref
    queued = operator.post(f"{answer['Location']}train/", {"snapshot": version})
    job = Job.objects.get(run__model=model)
    assert queued["Location"] == f"/console/jobs/{job.ref}/" and (job.status, job.engine) == ("queued", model.engine)
    assert "the training is in the queue" in text_of(operator.get(queued["Location"]))


def test_what_is_worked_out_costs_at_most_what_was_asked_for(ward):
    problem = constants.problem_of("certified.train", CERTIFIED)
    for epsilon, delta in ((0.5, 1e-6), (3.0, 1e-5), (8.0, 1e-3)):
        found = worked_out(problem, {"epsilon": str(epsilon), "delta": str(delta)}, ward)
        fixed = {name: float(problem[name]) for name in ("lam", "norm_bound")}
        fixed |= {"eta": float(found["eta"]), "sigma": float(found["sigma"]), "n": 20, "beta": 0.25, "lipschitz": 1.0}
        made = Problem(**fixed, features=5, classes=2, adjacency="zero_out")
        spent = learning_bound_of(made, steps_learn=int(found["steps"]), group=1).epsilon(delta)
        assert 0.9 * epsilon < spent <= epsilon * (1 + 1e-9)


def test_the_trail_says_the_same_whether_the_console_or_the_api_registered_and_trained_it(operator, ward):
    where = send(operator, ward, cap_epsilon="4", cap_delta="1e-5")["Location"]
    version = ward.snapshots.get().ref
    operator.post(f"{where}train/", {"snapshot": version})
    model = TrainedModel.objects.get()
    asked = {"name": "by the API", "dataset": ward.ref, "engine": model.engine, "problem": model.problem}
    asked |= {"cap_mu": model.cap.mu, "cap_delta": 1e-5}
    made = operator.post("/api/v1/models", asked, content_type="application/json")
    assert made.status_code == 201, made.json()
    where = f"{made['Location']}/training-runs"
    assert operator.post(where, {"snapshot": version}, content_type="application/json").status_code == 201
    assert math.isclose(GdpBound(model.cap.mu).epsilon(1e-5), 4.0, rel_tol=1e-6)
    for event in (Event.MODEL_REGISTERED, Event.JOB_SUBMITTED):
        first, second = told(event)
        assert first == second


WRONG = [
    ({"name": ""}, ["name"], "Fill this in."),
    ({"dataset": ""}, ["dataset"], "Fill this in."),
    ({"sigma": "", "steps": ""}, ["sigma", "steps"], "Fill this in."),
    ({"sigma": "loud"}, ["sigma"], "is not of type"),
    ({"sigma": "nan"}, ["sigma"], "finite"),
    ({"lam": "-1"}, ["lam"], "-1"),
    ({"classes": "0"}, ["classes"], "This does not fit"),
    ({"centres": "1 2 3"}, ["centres"], "the dataset has 4 features"),
    ({"scales": "1, 2"}, ["scales"], "the dataset has 4 features"),
    ({"contribution_cap": "0"}, ["contribution_cap"], "0"),
    ({"cap_epsilon": "4"}, ["cap_epsilon"], "Give both numbers"),
    ({"cap_epsilon": "no", "cap_delta": "1e-5"}, ["cap_epsilon"], "epsilon above 0"),
]


def test_what_is_wrong_stands_beside_its_question_and_what_was_typed_stays(operator, ward):
    for change, beside, words in WRONG:
        answer = send(operator, ward, **change)
        wrong = wrong_of(answer)
        assert answer.status_code == 422 and sorted(wrong) == beside, change
        assert words in wrong[beside[0]]
        assert value_of(answer, "eta") == "0.5"
        assert f'value="{ward.ref}" selected' in answer.content.decode() or beside == ["dataset"]
    assert not TrainedModel.objects.exists() and not Entry.objects.filter(event=Event.MODEL_REGISTERED).exists()


def test_what_cannot_be_worked_out_is_said_and_nothing_breaks(operator, ward):
    for change in ({"dataset": ""}, {"n_0": ""}, {"epsilon": "-1"}, {"delta": "much"}, {"lam": "x"}):
        answer = send(operator, ward, do="work_out", **change)
        beside = "dataset" if "dataset" in change else "epsilon"
        assert answer.status_code == 422 and list(wrong_of(answer)) == [beside], change


def test_a_name_that_is_taken_is_told_beside_it(operator, ward):
    send(operator, ward)
    assert "already a model of that name" in wrong_of(send(operator, ward))["name"]


def test_a_language_model_starts_from_a_base_with_an_adapter_or_from_nothing(operator, press):
    base = Base.objects.create(name="small", object_digest="sha256:" + "1" * 64, source="x", architecture="llama")
    asked = {"engine": "language.train", "dataset": press.ref, "epochs": "2", "checkpointing": "no"}
    tuned = {"name": "tuned", "base": base.ref, "adapter.name": "house", "adapter.targets": "q_proj\nv_proj"}
    operator.post(FORM, asked | tuned)
    model = TrainedModel.objects.get(name="tuned")
    assert model.public_inputs == {"base": base.object_digest}
    assert model.problem["adapter"] == {"name": "house", "targets": ["q_proj", "v_proj"]}
    assert with_defaults(model.engine, model.problem)["checkpointing"] is False
    page = text_of(operator.get(f"/console/bases/{base.ref}/"))
    assert "tuned" in page
    beside = wrong_of(operator.post(FORM, asked | tuned | {"name": "two", "preset": "ci"}))
    assert "a base has its own sizes" in beside["base"]
    assert "Fill this in" in wrong_of(operator.post(FORM, asked | {"name": "x", "adapter.rank": "4"}))["adapter.name"]
    Base.objects.filter(pk=base.pk).update(status=Base.Status.RETRACTED)
    assert base.ref not in operator.get(f"{FORM}?engine=language.train").content.decode()
    assert "base" in wrong_of(operator.post(FORM, asked | tuned | {"name": "late"}))
    document = json.dumps({"format": "obelus/tokenizer/1", "tokenizer": {"model": {"type": "BPE"}}}).encode()
    operator.post(FORM, asked | {"name": "own words", "tokenizer": sent(document)})
    digest = TrainedModel.objects.get(name="own words").public_inputs["tokenizer"]
    operator.post(FORM, asked | {"name": "shared", "tokenizer_digest": digest})
    assert TrainedModel.objects.get(name="shared").public_inputs == {"tokenizer": digest}
    assert "no JSON" in wrong_of(operator.post(FORM, asked | {"name": "y", "tokenizer": sent(b"{")}))["tokenizer"]


def test_only_datasets_and_rows_that_fit_are_offered(operator, ward, press):
    page = operator.get(f"{FORM}?engine=language.train&dataset={press.ref}").content.decode()
    assert f'value="{press.ref}" selected' in page and ward.ref not in page
    kinds = text_of(operator.get(f"{FORM}?dataset={press.ref}"))
    assert "Language model" in kinds and "Linear model" not in kinds


def test_a_training_that_the_service_refuses_is_not_queued(operator, ward, press):
    where = send(operator, ward)["Location"]
    for wrong in ("", press.snapshots.get().ref, "snap_" + "0" * 32):
        answer = operator.post(f"{where}train/", {"snapshot": wrong})
        assert answer.status_code in (404, 422) and "snapshot" in wrong_of(answer), wrong
    assert not TrainingRun.objects.exists() and not Job.objects.exists()


def test_the_same_form_sent_twice_queues_one_training_and_says_so(operator, ward):
    where = f"{send(operator, ward)['Location']}train/"
    asked = {"snapshot": ward.snapshots.get().ref, "there": "0"}
    assert '<input type="hidden" name="there" value="0">' in operator.get(where).content.decode()
    assert operator.post(where, asked).status_code == 302
    again = operator.post(where, asked)
    assert again.status_code == 409 and "perhaps by this very form" in text_of(again)
    assert 'name="there" value="1"' in again.content.decode() and TrainingRun.objects.count() == 1


def test_only_an_operator_registers_and_trains_and_only_with_the_token(folk, operator, ward):
    where = send(operator, ward)["Location"]
    version = ward.snapshots.get().ref
    for user in (folk.officer, folk.approver, folk.auditor, folk.stranger):
        assert send(signed_in(user), ward, name="x").status_code == 403
        assert signed_in(user).post(f"{where}train/", {"snapshot": version}).status_code == 403
    careful = signed_in(folk.operator, enforce_csrf_checks=True)
    assert send(careful, ward, name="x").status_code == 403
    assert careful.post(f"{where}train/", {"snapshot": version}).status_code == 403
    assert TrainedModel.objects.count() == 1 and not TrainingRun.objects.exists()


def test_an_empty_console_leads_to_the_forms_step_by_step(folk, operator):
    begin = operator.get("/console/")
    assert "how to begin" in text_of(begin)
    assert 'href="/console/datasets/new/"' in begin.content.decode()
    officer = text_of(signed_in(folk.officer).get("/console/"))
    assert "Register a dataset" in officer and "(operator)" in officer
    for name, button in (
        ("datasets", "Register a dataset"),
        ("bases", "Register a base"),
        ("models", "Register a model"),
    ):
        assert button in text_of(operator.get(f"/console/{name}/"))
        assert button not in text_of(signed_in(folk.auditor).get(f"/console/{name}/"))
