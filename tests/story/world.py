"""Real patients in the house: what the story needs, through the services and the real runner, without a broker."""

import io
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.linear_model import LogisticRegression

from governance.actors import Actor, person
from governance.intake import services as intake
from governance.intake.models import ErasureRequest
from governance.jobs import plans, services
from governance.jobs.leases import Held, claim
from governance.jobs.models import Job, Plan
from governance.lineage import services as lineage
from governance.lineage.models import Checkpoint, Deployment, Snapshot, TrainedModel
from governance.people.models import User
from governance.releases import destruction
from governance.releases import services as releases
from governance.releases.models import Release
from governance.releases.publishing import publish
from governance.releases.signing import sign_object
from governance.verification.models import Policy
from governance.verification.services import fix_policy
from unlearning.accounting.recommend import recommend
from unlearning.catalog import ENGINES, preset
from unlearning.linear import LinearModel, Preparation, save_model
from unlearning.runner import jobfolder
from unlearning.runner.job import Job as EngineJob
from unlearning.runner.progress import Progress
from unlearning.runner.refusals import Refused
from unlearning.verification.canaries import draw_canaries
from workers import collect, folders
from workers.processes import start_runner, stop_runner

TRAINED = 455  # the other patients consented to be tested on and are in no model
DELTA = 1e-5


def patient(number: int) -> str:
    return f"patient-{number:03d}@example.org"


def table(features: Any, labels: Any, *, first: int = 0, who: str = "patient", planted: int = 0) -> bytes:
    """A Parquet upload: one row a person, the last `planted` of them canaries."""
    count = len(labels)
    rows = {
        "record_id": [f"{who}-record-{first + i}" for i in range(count)],
        "subject": [f"{who}-{first + i:03d}@example.org" for i in range(count)],
        "label": pa.array([int(label) for label in labels], pa.int64()),
        "features": pa.array([[float(x) for x in row] for row in features], pa.list_(pa.float64())),
    }
    if planted:
        rows["planted"] = pa.array([i >= count - planted for i in range(count)])
    buffer = io.BytesIO()
    pq.write_table(pa.table(rows), buffer)
    return buffer.getvalue()


def problem(*, epsilon: float = 1.0, rows: int = TRAINED) -> dict[str, Any]:
    """The public constants of the patients' model: fixed before anybody's row is read."""
    constants = recommend(n=rows, features=31, classes=2, epsilon=epsilon, delta=DELTA)
    return {
        **preset("breast-cancer"),
        "lam": constants.problem.lam,
        "eta": constants.problem.eta,
        "sigma": constants.problem.sigma,
        "steps": constants.steps_learn,
        "n_0": rows,
    }


def policy_body(**changes: Any) -> dict[str, Any]:
    body = {
        "format": "obelus/policy/1",
        "claim": {"regime": "per_record", "epsilon": 0.5, "delta": DELTA},
        "bounds": {"a_epsilon": 0.5, "b_epsilon": 8.0},
        "prices": {
            "row_gradient_s": 1e-6,
            "delete_fixed_s": 2.0,
            "retrain_fixed_s": 2.0,
            "delete_verification_s": 5.0,
            "retrain_verification_s": 5.0,
        },
        "verification": {
            "budgets": [0.0, 0.02, 0.05],
            "norm": "l2",
            "target": "label_only",
            "margin": 0.1,
            "level": 0.05,
            "references": 2,
            "never_seen": 114,
            "utility_floor": 0.7,
            "resamples": 300,
            "seed": 1,
            # An honest run is accused once in a million times, so that no test fails by chance.
            "witness": {"level": 1e-6, "simulations": 50, "seed": 1},
        },
        "destruction_deadline_days": 7,
    }
    for place, value in changes.items():
        section, _, name = place.partition("__")
        if name:
            body[section] = {**body[section], name: value}  # type: ignore[dict-item]
        else:
            body[section] = value
    return body


def work() -> None:
    """Do every queued job as a worker would: claim, runner process, store, record. (The pulse needs committed rows.)"""
    while (job := Job.objects.filter(status=Job.Status.QUEUED).order_by("id").first()) is not None:
        held = claim(job.ref, worker="test")
        assert held is not None
        ATTEMPT(held)
        job.refresh_from_db()
        assert job.status == Job.Status.SUCCEEDED, f"{job.engine}: {job.status} {job.code} {job.message}"


def run_attempt(held: Held) -> None:
    """One attempt with the engine in this process: the same folder and engines, without two seconds of imports each.

    The one erasure that is looked at from all sides uses the real runner instead (`by_the_runner`).
    """
    folder = folders.lay_out(held)
    try:
        outcome = engine_outcome(folder)
    except Refused as refusal:
        services.refuse(held, code=refusal.code, message=refusal.message)
    else:
        jobfolder.commit(folder, outcome)
        jobfolder.write_json(folder / "result.json", result_of(held, folder, dict(outcome.outputs)))
        services.record(held, collect.collect(folder, held))
    finally:
        folders.wipe(held)


ATTEMPT: Callable[[Held], None] = run_attempt


def engine_outcome(folder: Path) -> jobfolder.Outcome:
    spec = jobfolder.read_spec(folder)
    jobfolder.verify_inputs(folder)
    (folder / jobfolder.SCRATCH).mkdir()
    job = EngineJob(spec, folder, folder / jobfolder.SCRATCH, Progress(folder / "progress.jsonl"), lambda _: None)
    outcome: jobfolder.Outcome = import_module(ENGINES[spec.engine].module).run(job)
    return outcome


def result_of(held: Held, folder: Path, outputs: dict[str, Any]) -> dict[str, Any]:
    said = {"code": None, "message": None, "remedy": None, "elapsed_s": 0.0, "outputs": outputs}
    engine = jobfolder.read_spec(folder).engine
    return {"format": "obelus/result/1", "job": held.ref, "engine": engine, "status": "done", **said}


def by_the_runner(held: Held) -> None:
    """One attempt as a worker makes it: a runner process of its own."""
    folder = folders.lay_out(held)
    child = start_runner(folder)
    try:
        code = child.wait(120)
        assert code == 0, (folder / "runner.log").read_text()
        services.record(held, collect.collect(folder, held))
    finally:
        stop_runner(child, patience_s=0)
        folders.wipe(held)


def sign(release: Release) -> Release:
    return publish(release, signature=sign_object(release.checkpoint.object_digest))


class Clinic:
    """Dataset, snapshot, two models, a deployment; and shortcuts for what people do."""

    def __init__(self, folk: Any, *, epsilon: float = 1.0) -> None:
        self.people(folk)
        data = load_breast_cancer()
        self.features, self.labels = self.rows(data)
        self.snapshot = self.take("breast cancer", self.features, self.labels, planted=self.planted)
        self.holdout = self.take("breast cancer, consenting", data.data[TRAINED:], data.target[TRAINED:], first=900)
        constants = problem(epsilon=epsilon, rows=len(self.labels))
        self.model = self.register("recurrence risk", self.snapshot, constants, holdout=self.holdout)

    planted = 0

    def people(self, folk: Any) -> None:
        self.folk = folk
        self.operator, self.officer = person(folk.operator, "operator"), person(folk.officer, "privacy_officer")

    def rows(self, data: Any) -> tuple[Any, Any]:
        return data.data[:TRAINED], data.target[:TRAINED]

    def take(self, name: str, features: Any, labels: Any, **more: Any) -> Snapshot:
        dataset = lineage.register_dataset(
            name=name, feature_width=len(features[0]), rows_per_subject=1, actor=self.operator
        )
        return lineage.take_snapshot(dataset=dataset, parquet=table(features, labels, **more), actor=self.operator)

    def register(self, name: str, snapshot: Snapshot, constants: dict[str, Any], **more: Any) -> TrainedModel:
        return lineage.register_model(
            name=name,
            dataset=snapshot.dataset,
            engine="certified.train",
            problem=constants,
            cap_mu=None,
            cap_delta=None,
            actor=self.operator,
            **more,
        )

    def digits(self) -> TrainedModel:
        """A second model that no request of a patient may touch."""
        data = load_digits()
        snapshot = self.take("digits", data.data[:300], data.target[:300], who="writer")
        model = self.register("digit reader", snapshot, {**preset("digits"), "n_0": 300})
        self.train(model, snapshot)
        return model

    def train(self, model: TrainedModel, snapshot: Snapshot) -> Checkpoint:
        lineage.start_training(model=model, snapshot=snapshot, actor=self.operator)
        work()
        return model.checkpoints.latest("id")

    def policy(self, **changes: Any) -> Policy:
        return fix_policy(name="house policy", body=policy_body(**changes), actor=self.officer)

    def approvers(self) -> list[Actor]:
        people: list[User] = [self.folk.approver, self.folk.second_approver]
        return [person(user, "approver") for user in people]

    def release(self, checkpoint: Checkpoint, policy: Policy) -> Release:
        release = releases.propose(checkpoint=checkpoint, policy=policy, actor=self.operator)
        return self.approve(release)

    def approve(self, release: Release) -> Release:
        for actor in self.approvers():
            release = releases.approve(release=release, actor=actor)
        return sign(release)

    def ask(self, numbers: list[int]) -> list[ErasureRequest]:
        """Requests of these patients, identity proved and scope confirmed."""
        requests = [
            intake.receive(subject_identifier=patient(number), law="gdpr", actor=self.officer) for number in numbers
        ]
        for request in requests:
            intake.prove_identity(request=request, method="in_person", actor=self.officer)
            intake.confirm_scope(request=request, actor=self.officer)
        return requests

    def deploy(self, checkpoint: Checkpoint, deployment: Deployment | None = None) -> Deployment:
        place = deployment or lineage.register_deployment(name="ward 3", model=self.model, actor=self.operator)
        return lineage.report_deployment(deployment=place, digest=checkpoint.object_digest, actor=self.operator)

    def confirmed(self, policy: Policy) -> Plan:
        plan = plans.propose(model=self.model, policy=policy, actor=self.officer)
        return plans.confirm(plan=plan, actor=self.officer)

    def plan(self, policy: Policy) -> Plan:
        """Propose, confirm and let the workers do everything up to the gate (or the stop)."""
        plan = self.confirmed(policy)
        work()
        return Plan.objects.get(pk=plan.pk)

    def first_release(self, policy: Policy) -> tuple[Checkpoint, Deployment]:
        """Train, release and deploy."""
        first = self.train(self.model, self.snapshot)
        self.release(first, policy)
        return first, self.deploy(first)

    def carry_out(self, numbers: list[int], policy: Policy, place: Deployment) -> Plan:
        """Ask, plan, approve, switch, destroy."""
        self.ask(numbers)
        plan = self.plan(policy)
        self.approve(plan.release)
        assert plan.candidate is not None
        self.deploy(plan.candidate, place)
        return self.destroy(plan)

    def erase(self, numbers: list[int], policy: Policy) -> Plan:
        """The whole way."""
        _, place = self.first_release(policy)
        return self.carry_out(numbers, policy, place)

    def destroy(self, plan: Plan) -> Plan:
        destruction.advance_published()
        destruction.advance_destroying()
        return Plan.objects.get(pk=plan.pk)


class CanaryClinic(Clinic):
    """Two hundred patients and forty planted rows whose labels only memory can give."""

    planted = 40

    def rows(self, data: Any) -> tuple[Any, Any]:
        preparation = Preparation.from_params(preset("breast-cancer"))
        features, labels = draw_canaries(preparation, count=self.planted, reach=6.0, seed=3)
        return np.vstack([data.data[:200], features]), np.concatenate([data.target[:200], labels])

    def memorise(self, folder: Path) -> Path:
        """A model that was made to know every canary, as one that never unlearned would."""
        preparation = Preparation.from_params(self.model.problem)
        weight = np.where(np.arange(len(self.labels)) < 200, 1.0, 1000.0)
        learner = LogisticRegression(C=1e5, fit_intercept=False, max_iter=20000)
        learner.fit(preparation.augmented(self.features), self.labels, sample_weight=weight)
        save_model(folder, LinearModel(learner.coef_, preparation))
        return folder
