"""What a house without a trained model does first: on the desk, step by step, until the first training was recorded."""

from dataclasses import dataclass, replace

from django.urls import reverse

from governance.console.access import may, roles_for, words
from governance.lineage.models import Base, Checkpoint, Dataset, Snapshot, TrainedModel, TrainingRun
from governance.people.models import User


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do. `to`: what is done to which thing; `ready`: it can be done now. `by`: who does, if not you."""

    deed: str
    words: str
    why: str
    done: bool
    to: str | None = None
    ready: bool = True
    needed: bool = True
    href: str = ""
    by: str = ""
    next: bool = False


def beginning(user: User) -> list[Step]:
    """Nothing once something was trained here. The first step that is needed and not done is the next one."""
    if Checkpoint.objects.exists():
        return []
    found = [opened(user, step) for step in steps()]
    first = next((step for step in found if step.needed and not step.done), None)
    return [replace(step, next=step is first) for step in found]


def steps() -> list[Step]:
    home = Dataset.objects.order_by("-id").first()
    model = TrainedModel.objects.exclude(dataset=None).order_by("-id").first()
    rows = Snapshot.objects.exists()
    return [
        Step(deed="register_dataset", words="Register a dataset", why="the home of a model's rows", done=bool(home)),
        Step(
            deed="take_snapshot",
            words="Add its rows",
            why="as a file, looked at first; it can come with the registration",
            done=rows,
            to=home.ref if home else None,
            ready=bool(home),
        ),
        Step(
            deed="register_base",
            words="Register a base",
            why="only where a language model starts from somebody else's",
            done=Base.objects.exists(),
            needed=False,
        ),
        Step(
            deed="register_model",
            words="Register a model",
            why="with every constant, before its data is read",
            done=bool(model),
            ready=bool(home),
        ),
        Step(
            deed="start_training",
            words="Train it",
            why="a worker does; then two people release it, and people can be erased from it",
            done=TrainingRun.objects.exists(),
            to=model.ref if model else None,
            ready=bool(model) and rows,
        ),
    ]


def opened(user: User, step: Step) -> Step:
    if not may(user, step.deed):
        return replace(step, by=words(roles_for(step.deed)))
    address = reverse(f"console:{step.deed}", args=[step.to] if step.to else []) if step.ready else ""
    return replace(step, href=address)
