"""Which rows each adapter learns: a person's all in one, and nothing is known of what other methods have moved."""

import pytest

from governance.errors import Invalid
from governance.jobs.adapter_certificates import whole_retraining
from governance.jobs.dropping import why_not
from governance.jobs.models import Job
from governance.jobs.retrained_adapters import why_no_share
from governance.lineage.adapters import adapters_of, by_adapter, origins, parts_param
from governance.lineage.bases import register_base
from governance.lineage.models import Checkpoint
from governance.lineage.services import (
    add_descendant,
    register_dataset,
    register_model,
    snapshot_without,
    start_training,
    take_snapshot,
)
from tests.lineage.packed import packed_file
from tests.lineage.test_texts import EACH, PEOPLE, file_of, told

pytestmark = pytest.mark.django_db
GROUPED = {"epochs": 1, "adapter": {"name": "house", "groups": 2}}
DIGEST = "sha256:" + "1" * 64


@pytest.fixture
def pages(operator):
    press = register_dataset(name="press", kind="texts", rows_per_subject=EACH, actor=operator)
    return take_snapshot(dataset=press, parquet=file_of(told()), actor=operator)


@pytest.fixture
def base(operator, tmp_path):
    return register_base(name="small", file=packed_file(tmp_path / "b"), source="nobody's", actor=operator)


@pytest.fixture
def model(pages, base, operator):
    asked = {"engine": "language.train", "cap_mu": None, "cap_delta": None, "actor": operator}
    return register_model(name="grouped", dataset=pages.dataset, problem=GROUPED, base=base, **asked)


def people_of(snapshot, rows):
    return set(snapshot.members.filter(row__in=rows).values_list("record__subject", flat=True))


def checkpoint_of(run, job):
    Job.objects.filter(pk=job.pk).update(run=run, weights=DIGEST, status=Job.Status.SUCCEEDED)
    return Checkpoint.objects.create(model=run.model, run=run, object_digest=DIGEST)


def test_every_row_is_in_one_adapter_and_a_persons_are_all_in_the_same(pages):
    parts = by_adapter(GROUPED, pages)
    assert sorted(parts) == ["house_0", "house_1"]
    assert sorted(parts["house_0"] + parts["house_1"]) == list(range(pages.rows))
    first, second = (people_of(pages, rows) for rows in parts.values())
    assert not first & second and len(first | second) == PEOPLE
    assert abs(len(first) - len(second)) <= 1


def test_whoever_stays_keeps_their_adapter_when_others_go(pages, operator):
    parts = by_adapter(GROUPED, pages)
    gone = pages.members.get(row=parts["house_0"][0]).record.subject.records.all()
    later = snapshot_without(snapshot=pages, records=list(gone), actor=operator)
    again = by_adapter(GROUPED, later)
    assert people_of(later, again["house_1"]) == people_of(pages, parts["house_1"])
    assert people_of(later, again["house_0"]) < people_of(pages, parts["house_0"])


def test_one_adapter_learns_all_rows_and_a_model_without_one_has_none(pages):
    one = {"epochs": 1, "adapter": {"name": "house"}}
    assert by_adapter(one, pages) == {"house": list(range(pages.rows))} and parts_param(one, pages) == {}
    assert adapters_of({"epochs": 1}) == [] and by_adapter({"epochs": 1}, pages) == {}


def test_a_model_cannot_fix_beforehand_whose_rows_an_adapter_learns(pages, base, operator):
    asked = {"engine": "language.train", "cap_mu": None, "cap_delta": None, "actor": operator, "base": base}
    with pytest.raises(Invalid, match="whose they are"):
        register_model(name="x", dataset=pages.dataset, problem={**GROUPED, "parts": {"house_0": [0]}}, **asked)


def test_lineage_tells_what_a_training_taught_each_adapter(model, pages, operator):
    run = start_training(model=model, snapshot=pages, actor=operator)
    job = Job.objects.get()
    assert job.spec["params"]["parts"] == by_adapter(GROUPED, pages)
    assert origins(checkpoint_of(run, job)) == by_adapter(GROUPED, pages)


def test_what_the_job_was_told_counts_and_not_the_rule_of_today(model, pages, operator):
    run = start_training(model=model, snapshot=pages, actor=operator)
    job, told = Job.objects.get(), {"house_0": [0], "house_1": list(range(1, pages.rows))}
    Job.objects.update(spec=job.spec | {"params": job.spec["params"] | {"parts": told}})
    assert origins(checkpoint_of(run, job)) == told != by_adapter(GROUPED, pages)


@pytest.mark.parametrize("engine", ["language.unlearn", "recipe"])
def test_nothing_is_known_of_adapters_that_something_else_has_moved(model, pages, operator, engine):
    run = start_training(model=model, snapshot=pages, actor=operator)
    Job.objects.update(engine=engine)
    assert origins(checkpoint_of(run, Job.objects.get())) is None


def test_nothing_is_known_without_a_job_or_without_a_public_base(model, pages, operator):
    run = start_training(model=model, snapshot=pages, actor=operator)
    checkpoint = checkpoint_of(run, Job.objects.get())
    model.public_inputs = {}
    model.save()
    assert origins(Checkpoint.objects.get(pk=checkpoint.pk)) is None
    Job.objects.update(weights="")
    assert origins(checkpoint) is None


def test_nothing_is_known_of_weights_that_carry_on_what_others_learned(model, pages, operator):
    run = start_training(model=model, snapshot=pages, actor=operator)
    checkpoint = checkpoint_of(run, Job.objects.get())
    other = Checkpoint.objects.create(model=model, run=run, object_digest=DIGEST)
    add_descendant(parent=other, child=checkpoint, kind="unlearned_from", actor=operator)
    assert origins(checkpoint) is not None
    add_descendant(parent=other, child=checkpoint, kind="finetuned_from", actor=operator)
    assert origins(checkpoint) is None


def test_after_some_were_trained_anew_lineage_tells_what_each_holds_by_its_new_number(model, pages, operator):
    run = start_training(model=model, snapshot=pages, actor=operator)
    job, told = Job.objects.get(), {"house_0": [0, 1, 4], "house_1": [2, 3, 5]}
    params = {"origins": {"base": [], "adapters": told}, "adapters": ["house_0"], "parts": {"house_0": [0, 2]}}
    spec = job.spec | {"params": params, "manifests": {"forget": {"texts": [1]}}}
    Job.objects.update(engine="language.retrain_adapter", spec=spec)
    checkpoint = checkpoint_of(run, job)
    assert origins(checkpoint) == {"house_0": [0, 2], "house_1": [1, 2, 4]}
    # Where nothing was left of a group, its adapter is gone.
    Job.objects.update(spec=spec | {"params": {**params, "parts": {}}})
    assert origins(checkpoint) == {"house_1": [1, 2, 4]}


def test_training_all_adapters_anew_is_no_share_of_retraining():
    parts = {"house_0": [0, 1], "house_1": [2]}
    assert why_no_share(parts, {0}) == "" == why_no_share(parts, {2})
    assert "is retraining" in why_no_share(parts, {0, 2}) and "is retraining" in why_no_share({"house": [0]}, {0})


def test_a_certificate_claims_a_whole_retraining_only_where_every_row_is_in_an_adapter():
    told = {"adapters": ["house_0"], "parts": {"house_0": [0]}, "origins": {"adapters": {"house_0": [0, 1]}}}
    assert "would have given these weights" in whole_retraining(told, rows=1)
    told["origins"]["adapters"]["house_1"] = [2, 3]
    assert "would have given these weights" in whole_retraining(told, rows=3)
    assert whole_retraining(told, rows=5).startswith("2 rows that stay are in no adapter")


def test_rows_that_no_adapter_holds_shut_the_way():
    assert why_not({"house_0": [0, 1], "house_1": [2]}, {0, 2}) == ""
    assert "not known" in why_not(None, {0})
    assert "no adapter" in why_not({"house_0": [0, 1]}, {1, 2})
    assert why_not({"house_0": [0]}, set())
