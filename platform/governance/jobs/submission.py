"""Submitting work: the job row, its spec, its audit entry and its doorbell in one transaction."""

import re
from typing import Any

from django.db import transaction

from evidence.canonical import digest_json
from governance.actors import Actor
from governance.audit.models import Event
from governance.audit.services import append
from governance.errors import Invalid
from governance.ids import new_ref
from governance.jobs.models import Job, Outbox, Plan
from governance.lineage.models import TrainingRun
from governance.objects.models import StoredObject
from governance.queue import TaskName
from unlearning.catalog import validate_params

# The runner's schema asks the same; here because the name becomes a path before the runner sees it.
INPUT_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@transaction.atomic
def submit(
    *,
    engine: str,
    params: dict[str, Any],
    actor: Actor,
    inputs: dict[str, str] | None = None,
    manifests: dict[str, dict[str, list[int]]] | None = None,
    purpose: str = Job.Purpose.NONE,
    plan: Plan | None = None,
    run: TrainingRun | None = None,
    thread: str = "",
    max_attempts: int = 3,
) -> Job:
    """Queue one run of the runner. `inputs` name stored objects by digest; manifests are row indexes per input.

    It writes to the trail of its plan, else to `thread`, the case it belongs to; without both it is a case of its own.

    Raises:
        Invalid: parameters that do not fit the engine, or an input that is not in the store.
    """
    check(engine, params, inputs or {})
    ref = new_ref("job")
    spec = {
        "format": "obelus/spec/1",
        "job": ref,
        "engine": engine,
        "params": params,
        "inputs": {name: {"path": f"inputs/{name}", "digest": digest} for name, digest in (inputs or {}).items()},
        "manifests": manifests or {},
    }
    job = Job.objects.create(
        ref=ref,
        thread=plan.ref if plan else thread or ref,
        plan=plan,
        run=run,
        purpose=purpose,
        engine=engine,
        spec=spec,
        spec_digest=digest_json(spec),
        max_attempts=max_attempts,
    )
    body = {"job": ref, "engine": engine, "purpose": purpose, "spec": job.spec_digest}
    append(Event.JOB_SUBMITTED, thread=job.thread, actor=actor, body=body)
    Outbox.objects.create(task=TaskName.RUN_JOB, argument=ref)
    return job


def check(engine: str, params: dict[str, Any], inputs: dict[str, str]) -> None:
    try:
        validate_params(engine, params)
    except ValueError as error:
        raise Invalid(
            str(error), code="bad_parameters", remedy="See the engine's parameters in the catalog."
        ) from error
    odd = sorted(name for name in inputs if not INPUT_NAME.fullmatch(name))
    if odd:
        raise Invalid(f"Inputs must be named like {INPUT_NAME.pattern}, not {odd}.", code="bad_input_name")
    held = set(
        StoredObject.objects.filter(digest__in=inputs.values(), status=StoredObject.Status.HELD).values_list(
            "digest", flat=True
        )
    )
    missing = sorted(name for name, digest in inputs.items() if digest not in held)
    if missing:
        raise Invalid(f"Inputs {missing} are not in the object store.", code="input_missing")
