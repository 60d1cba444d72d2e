"""Features of an extractor that learned from the same people are refused a certificate: each would move every row."""

import numpy as np
import pytest
from safetensors.numpy import save

from governance.audit.models import Entry
from governance.errors import Invalid, NotCertifiable
from governance.jobs.models import Job
from governance.lineage.models import Descent
from governance.lineage.services import (
    add_descendant,
    register_dataset,
    register_foreign_checkpoint,
    register_model,
    start_training,
    take_snapshot,
)
from tests.lineage.ward import PROBLEM, columns, parquet

pytestmark = pytest.mark.django_db
PUBLIC = "sha256:" + "a" * 64


def embedded(ward, people, **declared):
    """A dataset of features of these patients, made by an extractor, and a certified model to be trained on it."""
    fixed = {"feature_width": 4, "rows_per_subject": 1, "actor": ward.actor}
    home = register_dataset(name="embeddings", **fixed, **declared)
    snapshot = take_snapshot(dataset=home, parquet=parquet(columns(people)), actor=ward.actor)
    model = register_model(
        name="head", dataset=home, engine="certified.train", problem=PROBLEM, cap_mu=None, cap_delta=None,
        actor=ward.actor,
    )  # fmt: skip
    return model, snapshot


def refusal(ward, people, extractor):
    model, snapshot = embedded(ward, people, extractor=extractor)
    with pytest.raises(NotCertifiable) as caught:
        start_training(model=model, snapshot=snapshot, actor=ward.actor)
    assert not Job.objects.filter(run__model=model).exists()
    return caught.value


def test_an_extractor_that_learned_from_one_of_the_people_is_refused_and_counted(ward):
    refused = refusal(ward, [*range(18, 20), *range(40, 50)], ward.checkpoint())
    assert (refused.code, "from 2 of the people" in str(refused)) == ("extractor_shares_people", True)


def test_an_extractor_that_learned_from_others_only_may_be_used(ward):
    model, snapshot = embedded(ward, range(40, 50), extractor=ward.checkpoint())
    assert start_training(model=model, snapshot=snapshot, actor=ward.actor).snapshot == snapshot


def test_what_the_extractor_was_made_from_counts_too(ward):
    base = ward.checkpoint()
    extractor = ward.checkpoint(ward.other_model, ward.other_snapshot)
    add_descendant(parent=base, child=extractor, kind=Descent.Kind.FINETUNED, actor=ward.actor)
    assert refusal(ward, range(5), extractor).code == "extractor_shares_people"


def test_the_extractor_of_an_extractors_own_data_counts_too(ward):
    model, snapshot = embedded(ward, range(40, 50), extractor=ward.checkpoint())
    second = ward.recorded(Job.objects.get(run=start_training(model=model, snapshot=snapshot, actor=ward.actor)))
    home = register_dataset(name="deep", feature_width=4, rows_per_subject=1, extractor=second, actor=ward.actor)
    deeper = take_snapshot(dataset=home, parquet=parquet(columns(range(3))), actor=ward.actor)
    deep = register_model(
        name="deep head", dataset=home, engine="certified.train", problem=PROBLEM, cap_mu=None, cap_delta=None,
        actor=ward.actor,
    )  # fmt: skip
    with pytest.raises(NotCertifiable, match="3 of the people"):
        start_training(model=deep, snapshot=deeper, actor=ward.actor)


def test_an_extractor_from_elsewhere_is_refused_because_nobody_knows_whom_it_saw(ward):
    files = {"model.safetensors": save({"w": np.zeros(1)})}
    foreign = register_foreign_checkpoint(
        name="encoder", dataset=None, files=files, gaps=["whom it saw"], actor=ward.actor
    )
    assert refusal(ward, range(40, 50), foreign).code == "extractor_unknown"


def test_a_public_extractor_is_taken_at_its_word_which_stands_in_the_trail(ward):
    model, snapshot = embedded(ward, range(5), public_extractor=PUBLIC)
    start_training(model=model, snapshot=snapshot, actor=ward.actor)
    leaf = bytes(Entry.objects.get(thread=model.dataset.ref, event="dataset:registered").leaf)
    assert PUBLIC.encode() in leaf


@pytest.mark.parametrize("declared", ["not a digest", "sha256:" + "g" * 64])
def test_a_public_extractor_needs_its_digest(ward, declared):
    with pytest.raises(Invalid) as caught:
        embedded(ward, range(5), public_extractor=declared)
    assert caught.value.code == "bad_extractor"


def test_features_have_one_extractor(ward):
    with pytest.raises(Invalid):
        embedded(ward, range(5), extractor=ward.checkpoint(), public_extractor=PUBLIC)
