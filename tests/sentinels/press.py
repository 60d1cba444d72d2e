"""A publisher with an auditor: made authors among real ones, and a small model that learned every answer by heart."""

from typing import Any

from governance.actors import person
from governance.lineage import services as lineage
from governance.lineage.models import Checkpoint, Dataset, Snapshot
from governance.verification import sentinels
from governance.verification.sentinel_models import SentinelSet
from tests.sentinels.club import Club
from tests.story.writers import Press, file_of

LIKE = "writer-####@press.example"
PROBLEM: dict[str, Any] = {**Press.problem, "epochs": 60}


class PlantedPress(Press):
    """As `Press`, but nothing is uploaded before `upload`, so that a set can be planted first."""

    problem = PROBLEM

    def __init__(self, folk: Any, *, authors: int = 6) -> None:
        self.authors = authors
        super().__init__(folk)
        self.auditor = person(folk.auditor, "auditor")
        self.home: Dataset = lineage.register_dataset(
            name="with sentinels", kind="texts", rows_per_subject=self.questions, actor=self.operator
        )
        self.model = self.among("answers of all", self.home)

    def among(self, name: str, home: Dataset) -> Any:
        asked = {"engine": "language.train", "problem": self.problem, "dataset": home, "holdout": self.holdout}
        return lineage.register_model(name=name, cap_mu=None, cap_delta=None, actor=self.operator, **asked)

    def plant(self, *, count: int = 8, **more: Any) -> SentinelSet:
        return sentinels.plant(
            dataset=self.home, count=count, kind="person", like=LIKE, actor=self.auditor, **more
        )  # fmt: skip

    def upload(self) -> Snapshot:
        self.snapshot = lineage.take_snapshot(
            dataset=self.home, parquet=file_of(self.made[: self.authors]), actor=self.operator
        )
        return self.snapshot

    def trained(self) -> Checkpoint:
        return self.train(self.model, self.snapshot)

    # The club's way of sending people to the public door.
    send = Club.send
    ask_as_people_do = Club.ask_as_people_do

    def errand(self) -> list[str]:
        return sentinels.errand(sentinels=SentinelSet.objects.latest("id"), actor=self.auditor)
