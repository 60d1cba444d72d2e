"""Inside the clerk: a plan for a model without a ledger, begun as people would; its jobs are for real workers.

Training and release of the first model are done here, in this process, before any worker is there.
"""

from types import SimpleNamespace
from typing import Any

from governance.audit.models import Entry
from governance.jobs import plans
from governance.jobs.models import Job, Plan
from governance.jobs.submission import submit
from governance.lineage.models import Checkpoint
from governance.objects.store import parts_of
from governance.people.services import create_person
from tests.story.networks import ODD, WEAK, NetworkClinic
from tests.story.world import Clinic
from tests.story.writers import NPO, RMU, Press

# As many steps as a drill needs to strike in the middle of them; each of them is saved.
LONG = {"method": "npo", "params": {**NPO["params"], "epochs": 150, "save_every": 1}}
REFERENCES = 3
ROLES = {
    "operator": ["operator"],
    "officer": ["privacy_officer"],
    "approver": ["approver"],
    "second_approver": ["approver"],
}
_open: dict[str, Any] = {}


def begin(kind: str) -> str:
    """A released model, people who ask to leave it, and a confirmed plan whose first job is queued."""
    people = {name: create_person(username=f"{kind} {name}", roles=roles)[0] for name, roles in ROLES.items()}
    folk = SimpleNamespace(**people)
    if kind == "texts":
        world: Clinic = Press(folk)
        policy, who = world.rules([LONG, RMU], references=REFERENCES), [2]
    else:
        world = NetworkClinic(folk)
        policy, who = world.rules([WEAK, {**WEAK, "params": {"epochs": 2}}]), list(range(ODD))
    world.first_release(policy)
    world.ask(who)
    plan = world.confirmed(policy)
    _open.update(world=world, ref=plan.ref)
    return str(plan.jobs.get().ref)


def status() -> str:
    return str(Plan.objects.get(ref=_open["ref"]).status)


def told() -> dict[str, Any]:
    """What the plan's rows say: its jobs in order, how many of them the log recorded, and its verdicts."""
    plan = Plan.objects.get(ref=_open["ref"])
    jobs = plan.jobs.order_by("id")
    return {
        "status": plan.status,
        "jobs": [{"ref": job.ref, "engine": job.engine, "status": job.status, "weights": job.weights} for job in jobs],
        "seeds": [job.spec["params"]["seeds"] for job in jobs if "seeds" in job.spec["params"]],
        "verdicts": [verdict.body["attempt"] for verdict in plan.verdicts.order_by("id")],
        "recorded": Entry.objects.filter(thread=plan.ref, event="job:recorded").count(),
        "candidates": Checkpoint.objects.filter(model=plan.model).exclude(pk=plan.source.pk).count(),
    }


def climb() -> None:
    plans.climb(plan=Plan.objects.get(ref=_open["ref"]), actor=_open["world"].officer)


def again(ref: str) -> str:
    """The same work as a job's, by a job of its own that nobody disturbs."""
    spec = Job.objects.get(ref=ref).spec
    inputs = {name: entry["digest"] for name, entry in spec["inputs"].items()}
    asked = {"engine": spec["engine"], "params": spec["params"], "manifests": spec["manifests"]}
    return str(submit(**asked, inputs=inputs, actor=_open["world"].operator).ref)


def parts(digest: str) -> dict[str, str]:
    return dict(parts_of(digest))
