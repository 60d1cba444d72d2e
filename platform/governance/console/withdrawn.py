"""What a model that was given up still waits for, and what a model without a live release could do."""

from governance.console.awaited import NOBODY, TICK_COMMAND, Waiting
from governance.console.wording import listed
from governance.intake.models import ErasureRequest
from governance.jobs.models import Job
from governance.jobs.planfacts import LIVE
from governance.lineage.bases import retracted_base_of
from governance.lineage.models import TrainedModel
from governance.releases.held import under_way, unfinished_jobs
from governance.releases.withdrawal import shared_with, still_serving


def of_withdrawn(model: TrainedModel) -> Waiting | None:
    """None while the model is not withdrawn."""
    if model.withdrawn_at is None:
        return None
    if unfinished_jobs(model).filter(status=Job.Status.RUNNING).exists():
        return Waiting("a worker", "A running job was asked to stop; the withdrawal waits for it.")
    names = [deployment.name for deployment in still_serving(model)]
    if names:
        why = "Its weights are destroyed once nobody serves them: let each report that it stopped, or other weights."
        return Waiting(listed(names), why)
    left = model.checkpoints.exclude(status="destroyed").exists() or under_way(model).exists()
    if why := shared_with(model):
        return Waiting("a privacy officer", f"Its weights are not destroyed yet. {why}.")
    if left:
        return Waiting("Obelus", "Nobody serves its weights; they are destroyed at the next round.", TICK_COMMAND)
    return Waiting(NOBODY, "Its weights are destroyed.")


def of_given_up(request: ErasureRequest) -> Waiting | None:
    """For a request whose every disposition has ended: which withdrawn model is still there."""
    models = TrainedModel.objects.exclude(withdrawn_at=None).filter(checkpoints__dispositions__request=request)
    for model in models.distinct().order_by("id"):
        found = of_withdrawn(model)
        if found is not None and not found.is_over:
            return Waiting(found.on, f"Model {model.name} was withdrawn. {found.why}", found.command)
    return None


def of_retracted(model: TrainedModel) -> Waiting | None:
    """A model that can go no way but one: nothing on a retracted base is trained or released."""
    base = retracted_base_of(model)
    if base is None or model.withdrawn_at is not None:
        return None
    why = f"The base {base.name}, on which the model {model.name} stands, was retracted: withdraw the model."
    return Waiting("a privacy officer", why, f"POST /api/v1/models/{model.ref}/withdraw")


def of_unplanned(model: TrainedModel) -> Waiting:
    """Due, and in no plan: nobody has proposed one, or there is nothing that one could start from."""
    if (retracted := of_retracted(model)) is not None:
        return retracted
    if not model.checkpoints.filter(status__in=LIVE).exists():
        why = f"The only release of the model {model.name} was withdrawn: withdraw the model or train a new one."
        return Waiting("a privacy officer", why)
    return Waiting("a privacy officer", f"No plan has been proposed for the model {model.name}.")
