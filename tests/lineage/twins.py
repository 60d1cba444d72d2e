"""A second model whose weights are, byte for byte, those of the ward's: as two seeded trainings alike would make."""

from pathlib import Path
from typing import Any

from governance.actors import Actor, person
from governance.intake import services as intake
from governance.intake.models import ErasureRequest
from governance.intake.packs import install_packs
from governance.jobs.models import Disposition, Plan
from governance.lineage.models import Checkpoint, Snapshot, TrainedModel, TrainingRun
from governance.lineage.services import register_model, snapshot_without
from governance.objects.models import StoredObject
from governance.objects.store import hold, put_folder
from governance.releases.destruction import write_down
from governance.releases.listing import list_for
from governance.verification.models import Policy
from tests.lineage.packed import packed_file
from tests.lineage.ward import PROBLEM, Ward

WHO = 3


class Twins:
    """Patient 3 asks to leave; the ward's model learned from them, and so did its twin unless a test says otherwise."""

    def __init__(self, ward: Ward, folk: Any, folder: Path) -> None:
        install_packs()
        self.ward, self.folder, self.first = ward, folder, ward.model
        self.officer: Actor = person(folk.officer, "privacy_officer")
        fixed = {"engine": "certified.train", "problem": PROBLEM, "cap_mu": None, "cap_delta": None}
        self.second = register_model(name="twin", dataset=ward.dataset, actor=ward.actor, **fixed)
        records = list(ward.subject(WHO).records.all())
        self.without = snapshot_without(snapshot=ward.snapshot, records=records, actor=ward.actor)
        self.policy = Policy.make(name="any", version=1, body={}, digest="sha256:" + "0" * 64)

    def stored(self, content: str, *, file: str = "model.safetensors") -> str:
        """Weights named by what is in them."""
        folder = self.folder / f"weights-{content}-{file}"
        folder.mkdir(exist_ok=True)
        packed_file(folder / file, weights=content.encode().ljust(8, b"."))
        hold(digest := put_folder(folder, owner="test"))
        return digest

    def checkpoint(
        self,
        model: TrainedModel,
        snapshot: Snapshot | None,
        *,
        content: str = "same",
        status: str = "released",
        file: str = "model.safetensors",
    ) -> Checkpoint:
        run = TrainingRun.objects.create(model=model, snapshot=snapshot, declared=snapshot is None)
        digest = self.stored(content, file=file)
        return Checkpoint.objects.create(model=model, run=run, object_digest=digest, status=status)

    def taught(self, model: TrainedModel, **more: Any) -> Checkpoint:
        return self.checkpoint(model, self.ward.snapshot, **more)

    def ask(self) -> ErasureRequest:
        asked = intake.receive(subject_identifier=f"patient{WHO}@ward.example", law="gdpr", actor=self.officer)
        intake.prove_identity(request=asked, method="in_person", actor=self.officer)
        intake.confirm_scope(request=asked, actor=self.officer)
        return ErasureRequest.objects.get(pk=asked.pk)

    def plan(self, source: Checkpoint, candidate: Checkpoint | None = None, *, status: str = "destroying") -> Plan:
        """A plan of the source's model for all that is due, in the middle of its destruction."""
        candidate = candidate or self.checkpoint(source.model, self.without, content=f"new{source.model.pk}")
        plan = Plan.objects.create(
            model=source.model,
            source=source,
            candidate=candidate,
            new_snapshot=self.without,
            policy=self.policy,
            status=status,
            body={},
            digest="x",
        )
        due = Disposition.objects.filter(checkpoint__model=source.model)
        due.update(plan=plan, status=Disposition.Status.PLANNED)
        ErasureRequest.objects.filter(dispositions__plan=plan).update(status="in_progress")
        Checkpoint.objects.filter(pk=source.pk, status="released").update(status="superseded")
        if status == "destroying":
            write_down(plan, list_for(plan))
        return plan


def there(digest: str) -> bool:
    return StoredObject.objects.get(digest=digest).status != StoredObject.Status.DESTROYED


def status_of(row: Checkpoint | Plan) -> str:
    return str(type(row).objects.get(pk=row.pk).status)
