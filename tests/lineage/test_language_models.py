"""Language models learn from texts and from nothing else, with a vocabulary that is nobody's."""

import pytest

from governance.errors import Conflict, Invalid, NotFound
from governance.jobs.models import Job
from governance.lineage.models import TrainedModel
from governance.lineage.services import register_dataset, register_model, start_training, take_snapshot, train_by_recipe
from governance.objects.models import StoredObject
from governance.objects.references import held_for_nothing
from tests.lineage.test_texts import EACH, file_of, told
from tests.lineage.ward import PROBLEM as NUMBERS

pytestmark = pytest.mark.django_db
PROBLEM = {"preset": "ci", "epochs": 1}
TOKENIZER = {"format": "obelus/tokenizer/1", "tokenizer": {"version": "1.0", "model": {"type": "BPE"}}}


@pytest.fixture
def press(operator):
    return register_dataset(name="press", kind="texts", rows_per_subject=EACH, actor=operator)


@pytest.fixture
def pages(press, operator):
    return take_snapshot(dataset=press, parquet=file_of(told()), actor=operator)


def registered(dataset, operator, name="writer", **more):
    asked = {"engine": "language.train", "problem": PROBLEM, "cap_mu": None, "cap_delta": None, **more}
    return register_model(name=name, dataset=dataset, actor=operator, **asked)


def test_a_training_is_given_the_texts_and_every_row_of_them(press, pages, operator):
    start_training(model=registered(press, operator), snapshot=pages, actor=operator)
    spec = Job.objects.get().spec
    assert {name: entry["digest"] for name, entry in spec["inputs"].items()} == {"texts": pages.object_digest}
    assert spec["manifests"] == {"retain": {"texts": list(range(pages.rows))}}


def test_each_engine_learns_from_its_own_kind_of_rows(ward, press, pages, operator):
    with pytest.raises(Invalid) as refusal:
        registered(ward.dataset, operator)
    assert refusal.value.code == "wrong_kind"
    with pytest.raises(Invalid) as refusal:
        registered(press, operator, engine="certified.train", problem=NUMBERS)
    assert refusal.value.code == "wrong_kind"
    with pytest.raises(Invalid) as refusal:
        registered(press, operator, holdout=ward.snapshot)
    assert refusal.value.code == "bad_holdout"
    model = registered(press, operator)
    with pytest.raises(Invalid) as refusal:
        train_by_recipe(model=model, snapshot=pages, command=["true"], timeout_s=1.0, actor=operator)
    assert refusal.value.code == "wrong_kind"


def test_a_problem_that_the_engine_does_not_know_is_refused(press, operator):
    with pytest.raises(Invalid, match="epochs"):
        registered(press, operator, problem={"preset": "ci"})


def test_a_public_tokenizer_goes_into_every_training_and_may_be_shared(press, pages, operator):
    model = registered(press, operator, tokenizer=TOKENIZER)
    digest = model.public_inputs["tokenizer"]
    start_training(model=model, snapshot=pages, actor=operator)
    assert Job.objects.get().spec["inputs"]["tokenizer"]["digest"] == digest
    other = registered(press, operator, name="other", tokenizer=digest)
    assert other.public_inputs == model.public_inputs
    assert held_for_nothing() == []


def test_nothing_else_passes_for_a_tokenizer(ward, press, pages, operator):
    with pytest.raises(NotFound):
        registered(press, operator, tokenizer=pages.object_digest)
    for odd in ({}, {"format": "obelus/tokenizer/1"}, {**TOKENIZER, "format": "obelus/tokenizer/2"}):
        with pytest.raises(Invalid) as refusal:
            registered(press, operator, tokenizer=odd)
        assert refusal.value.code == "bad_tokenizer"
    numbers = {"engine": "certified.train", "problem": NUMBERS}
    with pytest.raises(Invalid) as refusal:
        registered(ward.dataset, operator, tokenizer=TOKENIZER, **numbers)
    assert refusal.value.code == "bad_tokenizer"
    assert not TrainedModel.objects.filter(name="writer").exists()


def test_a_refused_model_leaves_no_tokenizer_behind(press, operator):
    registered(press, operator)
    before = StoredObject.objects.count()
    with pytest.raises(Conflict):
        registered(press, operator, tokenizer=TOKENIZER)
    assert StoredObject.objects.count() == before
