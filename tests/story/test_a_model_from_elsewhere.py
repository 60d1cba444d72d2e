"""A model trained elsewhere: no certificate can start from it; the owner's own command retrains it."""

import io
import sys

import numpy as np
import pytest
from safetensors.numpy import save as save_tensors

from governance.errors import NotCertifiable
from governance.jobs import plans
from governance.jobs.models import Certificate, Disposition, Plan
from governance.lineage import services as lineage
from governance.lineage.models import Checkpoint
from governance.objects.store import parts_of
from tests.story.world import Clinic

pytestmark = pytest.mark.django_db

# The owner's program: any language, any library; it gets the rows' file and a folder to write to.
OWNERS_TRAINING = """
import sys, numpy as np, pyarrow.parquet as pq
from safetensors.numpy import save_file
rows = pq.read_table(sys.argv[1])
features = np.array(rows.column("features").to_pylist())
save_file({"means": features.mean(axis=0)}, sys.argv[2] + "/model.safetensors")
"""


@pytest.fixture
def foreign(clinic: Clinic) -> Checkpoint:
    weights = save_tensors({"means": np.zeros(30)})
    return lineage.register_foreign_checkpoint(
        name="bought-in model",
        dataset=clinic.snapshot.dataset,
        files={"model.safetensors": weights},
        gaps=["the version of the data it was trained on"],
        actor=clinic.operator,
    )


def test_its_gaps_refuse_certification_and_say_what_to_do(clinic: Clinic, foreign: Checkpoint):
    clinic.ask([7])
    with pytest.raises(NotCertifiable) as refusal:
        plans.propose(model=foreign.model, policy=clinic.policy(), actor=clinic.officer)
    assert "gaps" in refusal.value.detail
    assert "recipe" in refusal.value.remedy


def test_the_owners_command_retrains_it_without_the_person(clinic: Clinic, foreign: Checkpoint, tmp_path):
    script = tmp_path / "train.py"
    script.write_text(OWNERS_TRAINING)
    (request,) = clinic.ask([7])
    model = lineage.fix_recipe(
        model=foreign.model,
        command=[sys.executable, str(script), "{data}", "{out}"],
        timeout_s=60,
        actor=clinic.operator,
    )
    clinic.model = model
    plan = clinic.plan(clinic.policy())
    assert (plan.route, plan.status) == ("retrain", Plan.Status.GATE)
    clinic.approve(plan.release)
    plan = clinic.destroy(plan)
    assert plan.status == Plan.Status.CLOSED
    assert Checkpoint.objects.get(pk=foreign.pk).status == Checkpoint.Status.DESTROYED
    assert {d.status for d in request.dispositions.all()} == {Disposition.Status.RETRAINED}
    certificate = Certificate.objects.get(plan=plan)
    assert (certificate.rung, certificate.body["b"]["epsilon"]) == ("retrained", None)
    assert certificate.body["a"]["epsilon"] is None
    assert "what else that command read is not known" in certificate.body["limits"][0]
    assert list(parts_of(plan.candidate.object_digest)) == ["model.safetensors"]


def test_a_pickle_is_not_taken_in_whatever_it_is_called(clinic: Clinic):
    import pickle

    buffer = io.BytesIO()
    pickle.dump({"weights": [1.0]}, buffer)
    with pytest.raises(Exception, match="could run code"):
        lineage.register_foreign_checkpoint(
            name="x", dataset=None, files={"model.safetensors": buffer.getvalue()}, gaps=["all"], actor=clinic.operator
        )
