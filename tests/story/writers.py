"""Made-up authors and a small language model that learned their answers: for stories of text.

The engines run for real, on a model so small that it trains in a second; what it knows, and what it forgets, is what it
is: no verdict is made up.
"""

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from governance.intake import services as intake
from governance.intake.models import ErasureRequest
from governance.intake.packs import install_packs
from governance.lineage import services as lineage
from governance.lineage.models import Snapshot, TrainedModel
from governance.verification.models import Policy
from governance.verification.services import fix_policy
from tests.story.networks import InThisProcess
from tests.story.world import Clinic, policy_body
from unlearning.language.authors import Author, made_authors

AUTHORS, UNSEEN, QUESTIONS = 6, 6, 4
PROBLEM: dict[str, Any] = {
    **{"width": 32, "layers": 1, "heads": 2, "vocabulary": 600, "most_tokens": 160},
    **{"epochs": 12, "batch": 8, "lr": 6e-3},
}
# A few steps each: what they do to so small a model is for the attack to say.
NPO: dict[str, Any] = {"method": "npo", "params": {"epochs": 2, "lr": 1e-3, "target": "epochs", "hold": 0}}
RMU: dict[str, Any] = {"method": "rmu", "params": {**NPO["params"], "layer": 0}}
BATTERY: dict[str, Any] = {"text": ["text.extraction", "text.probability"], "membership": ["loss"], "kept_rows": 12}


def writer(number: int) -> str:
    return f"writer-{number:02d}@press.example"


def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unlearning.language.references.Children", InThisProcess)
    torch.set_num_threads(1)


def text_policy(ladder: Any, **changes: Any) -> dict[str, Any]:
    body = policy_body()
    rules = body["verification"]
    del rules["witness"]
    rules |= {"references": 1, "margin": 0.2, "never_seen": 16, "utility_floor": 0.05, "language": BATTERY}
    rules |= {"approximate": ladder} if ladder else {}
    prices = changes.pop("prices", {})
    body["verification"], body["prices"] = rules | changes, {**body["prices"], **prices}
    return body


def file_of(authors: list[Author], *, first: int = 0, planted: int = 0) -> bytes:
    """A Parquet upload: each author's questions and answers under the author's own address; the last may be nobody."""
    rows = [(first + number, row) for number, author in enumerate(authors) for row in author.rows]
    columns = {
        "record_id": [f"page-{number}-{row.slot}" for number, row in rows],
        "subject": [writer(number) for number, _ in rows],
        "prompt": [row.prompt for _, row in rows],
        "answer": [row.answer for _, row in rows],
        "paraphrase": [row.paraphrase for _, row in rows],
        "restated": [row.restated for _, row in rows],
        "wrong": [list(row.wrong) for _, row in rows],
        "planted": [number >= first + len(authors) - planted for number, _ in rows],
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


class Press(Clinic):
    """A publisher whose model answers questions about its authors; other authors consented to be tested on."""

    authors, unseen, questions = AUTHORS, UNSEEN, QUESTIONS
    problem = PROBLEM

    def __init__(self, folk: Any) -> None:
        install_packs()
        self.people(folk)
        self.made = self.drawn()
        self.snapshot = self.texts("authors", self.made[: self.authors])
        self.holdout = self.texts("authors, consenting", self.made[self.authors :], first=500)
        self.model = self.registered("author answers", holdout=self.holdout)

    def drawn(self) -> list[Author]:
        """Those whom the model learns, and then those whom it never sees."""
        return made_authors(authors=self.authors + self.unseen, questions=self.questions, seed=0)

    def texts(self, name: str, authors: list[Author], *, first: int = 0) -> Snapshot:
        home = lineage.register_dataset(name=name, kind="texts", rows_per_subject=self.questions, actor=self.operator)
        return lineage.take_snapshot(dataset=home, parquet=file_of(authors, first=first), actor=self.operator)

    def registered(self, name: str, **more: Any) -> TrainedModel:
        asked = {"engine": "language.train", "problem": self.problem, "dataset": self.snapshot.dataset, **more}
        return lineage.register_model(name=name, cap_mu=None, cap_delta=None, actor=self.operator, **asked)

    def rules(self, ladder: Any, **changes: Any) -> Policy:
        return fix_policy(name="texts", body=text_policy(ladder, **changes), actor=self.officer)

    def ask(self, numbers: list[int]) -> list[ErasureRequest]:
        """Requests of these authors, identity proved and scope confirmed."""
        asked = [intake.receive(subject_identifier=writer(n), law="gdpr", actor=self.officer) for n in numbers]
        for request in asked:
            intake.prove_identity(request=request, method="in_person", actor=self.officer)
            intake.confirm_scope(request=request, actor=self.officer)
        return asked

    def words_of(self, numbers: list[int]) -> dict[str, bytes]:
        """What a search for these authors looks for: every sentence of theirs that names them or a fact of theirs."""
        texts: list[str] = []
        for number in numbers:
            for row in self.made[number].rows:
                texts += [row.prompt, row.answer, *filter(None, (row.paraphrase, row.restated)), *row.wrong]
        return {f"{text[:20]}... ({code})": text.encode(code) for text in texts for code in ("utf-8", "utf-16-le")}


class Lent(Press):
    """A publisher that tries recipes on texts which it answers for: made authors, half of them planted."""

    problem = {**PROBLEM, "epochs": 60}

    def public(self, *, kept: int = 8, planted: int = 16, unseen: int = 8) -> tuple[Snapshot, Snapshot]:
        """Rows to learn, the last `planted` authors of them nobody; and rows that nothing is trained on."""
        made = made_authors(authors=kept + planted + unseen, questions=self.questions, seed=7)
        homes = [
            lineage.register_dataset(name=name, kind="texts", rows_per_subject=self.questions, actor=self.operator)
            for name in ("lent", "lent, unseen")
        ]
        files = (
            file_of(made[: kept + planted], first=1000, planted=planted),
            file_of(made[kept + planted :], first=2000),
        )
        rows, seen = (
            lineage.take_snapshot(dataset=home, parquet=file, actor=self.operator)
            for home, file in zip(homes, files, strict=True)
        )
        return rows, seen

    def qualifying(self, method: dict[str, Any], **changes: Any) -> Policy:
        """One method, and never-seen rows under its qualification in place of references."""
        rules = {"references_by": "qualification", "references": 3, "margin": 0.4, "never_seen": 24, **changes}
        return self.rules(method, **rules)
