"""Do the certificate's numbers follow from the ledger, and the ledger from the jobs that were specified?

The arithmetic is verified here. That the steps ran with fresh noise is attested by whoever ran them, and that the
noise was a real-number Gaussian is assumed; the certificate must say so.
"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.case import Case, Logged, anchor
from evidence.checks.all_models import check_all_models, equal, events_of
from evidence.faults import Fault
from evidence.pricing import PricingError, recompute

_RUNS = ("trained", "steps", "retrained")
# What an attempt's logged end is called in the accountant's price list; all else is somebody's choice: one more draw.
_PRICED = {
    **{"crash": "crash", "broken_result": "crash", "storage_full": "crash", "worker_error": "crash"},
    "lease_lost": "lease_lost",
}


def check_ledger(case: Case) -> None:
    """The ledger that the certificate names and the log recorded; it goes on where the plan's ledger ended."""
    ledger = case.documents["ledger.json"]
    certificate = case.documents.get("certificate.json")
    found = case.digest_of("ledger.json")
    if certificate:
        case.expect(Fault.LEDGER, "ledger.json (certificate.json $.ledger)", certificate["ledger"], found)
    issued, candidate = case.last("certificate:issued"), case.candidate
    logged = (issued and issued.body.get("ledger")) or (candidate and candidate.body.get("ledger"))
    case.expect(Fault.LEDGER, "ledger.json (log)", logged, found)
    _check_line(case, ledger)
    spec = case.candidate_document("specs")
    if spec and candidate:
        _check_constants(case, ledger, spec["params"], "specification")
        _check_run(case, ledger, spec)
        _check_draws(case, ledger, candidate)


def _check_line(case: Case, ledger: Json) -> None:
    """The plan holds the ledger as it was before: same constants, same events first."""
    before = case.documents.get("plan.json", {"inputs": {}})["inputs"].get("ledger")
    if not isinstance(before, dict):
        return
    problem = before.get("problem")
    _check_constants(case, ledger, problem if isinstance(problem, dict) else {}, "plan.json")
    events = events_of(before)
    for number, event in enumerate(events):
        there = events_of(ledger)[number : number + 1]
        if there != [event]:
            case.fault(Fault.LEDGER, f"ledger.json $.events[{number}] (plan.json)", event, there)
            return


def _check_constants(case: Case, ledger: Json, constants: Json, source: str) -> None:
    """What a specification or an earlier ledger says of a constant must hold here too."""
    problem = ledger.get("problem")
    for name, wanted in constants.items():
        known_as = "n" if name == "n_0" else name
        # A list of classes is their names in one place, their number in the other.
        if isinstance(problem, dict) and known_as in problem and not isinstance(wanted, list):
            found = problem[known_as]
            if wanted != found:
                where = f"ledger.json $.problem.{known_as} ({source})"
                case.fault(Fault.PARAMETERS, where, wanted, found)


def _check_run(case: Case, ledger: Json, spec: Json) -> None:
    """The job's own steps and deletion must stand in the ledger, once."""
    events = [event for event in events_of(ledger) if event.get("job") == spec["job"] and event.get("event") in _RUNS]
    if "steps" in spec["params"]:
        steps = [event.get("steps") for event in events]
        case.expect(Fault.LEDGER, f"steps of {spec['job']} in ledger.json", [spec["params"]["steps"]], steps)
    if "plan.json" in case.documents:
        rows = case.documents["plan.json"]["inputs"]["batch_rows"]
        found = [event.get("records") for event in events_of(ledger) if event.get("batch") == spec["job"]]
        case.expect(Fault.LEDGER, f"rows deleted by {spec['job']} in ledger.json", [rows], found)


def _check_draws(case: Case, ledger: Json, candidate: Logged) -> None:
    """Each earlier attempt is a discarded draw in the ledger, for the logged cause, right before the job's run."""
    job, attempt = candidate.body["job"], candidate.body["attempt"]
    ended = [entry.body for entry in case.logged("attempt:ended") if entry.body["job"] == job]
    earlier = [body for body in ended if body["attempt"] < attempt]
    wanted = [[body["attempt"], priced_cause(body["cause"]), body["seen"]] for body in earlier]
    found: list[Json] = []
    for event in events_of(ledger):
        if event.get("event") == "draw_discarded":
            found.append([event.get("attempt"), event.get("cause"), event.get("seen")])
        elif event.get("event") in _RUNS:
            if event.get("job") == job:
                break
            found = []
    case.expect(Fault.LEDGER, f"draws of {job} discarded in ledger.json", wanted, found)


def priced_cause(logged: str | None) -> str:
    """The cause in the ledger of a draw whose attempt ended like this in the log."""
    cause = logged or ""
    return "crash" if cause.startswith("exit_") else _PRICED.get(cause, "cancelled")


def check_certificate(case: Case) -> None:
    """The issued certificate, about this job, with numbers that the accountant finds again."""
    certificate = case.documents["certificate.json"]
    events = ("certificate:issued", "release:published", "certificate:effective")
    anchor(case, Fault.CERTIFICATE, key="certificate", path="certificate.json", events=events)
    candidate = case.candidate
    if candidate:
        case.expect(Fault.CERTIFICATE, "certificate.json $.spec", candidate.body["spec"], certificate["spec"])
    _check_effective(case)
    if certificate["ledger"] is None:
        _check_without_ledger(case, certificate)
    elif "ledger.json" in case.documents and certificate["delta"] is not None:
        _check_numbers(case, certificate, case.documents["ledger.json"])
    else:
        case.fault(Fault.CERTIFICATE, "certificate.json", "a ledger and a delta to recompute from", "none")
    check_all_models(case, certificate)


def _check_effective(case: Case) -> None:
    destroyed, effective = case.last("destruction:completed"), case.last("certificate:effective")
    if destroyed and effective and effective.seq < destroyed.seq:
        case.fault(Fault.CERTIFICATE, "certificate:effective", "after the last destruction", f"seq {effective.seq}")


def _check_without_ledger(case: Case, certificate: Json) -> None:
    """Nothing to recompute: then nothing finite may be claimed, but that later releases of our retraining owe nothing.

    Not so those of an owner's own command: nobody knows what else it read, the old weights perhaps.
    """
    if certificate["rung"] == "unlearned_certified":
        case.fault(Fault.CERTIFICATE, "certificate.json $.ledger", "a ledger behind a certified rung", None)
    issued, plan = case.last("certificate:issued"), case.documents.get("plan.json")
    if (issued and issued.body.get("ledger")) or (plan and plan["format"] == "obelus/plan/1"):
        case.fault(Fault.LEDGER, "certificate.json $.ledger", "the ledger that the plan and the log go on with", None)
    spec = case.candidate_document("specs")
    ours = spec is not None and spec["engine"].startswith(("certified.", "train.", "classifier.", "language."))
    for name in ("a", "b", "b_before"):
        for number in certificate[name].values():
            exempt = name == "a" and ours and certificate["rung"] == "retrained" and number == 0
            if isinstance(number, (int, float)) and not exempt:
                case.fault(Fault.CERTIFICATE, f"certificate.json $.{name}", "no finite number without a ledger", number)


def _check_numbers(case: Case, certificate: Json, ledger: Json) -> None:
    job = case.candidate.body["job"] if case.candidate else None
    batch = job if any(event.get("batch") == job for event in events_of(ledger)) else None
    _check_group(case, certificate)
    try:
        price = recompute(ledger, delta=certificate["delta"], group=certificate["group"], batch=batch)
    except PricingError as error:
        case.fault(Fault.CERTIFICATE, "ledger.json", "a ledger with a price", str(error))
        return
    for name in ("a", "b", "b_before"):
        for number in ("mu", "epsilon"):
            wanted, found = price[name][number], certificate[name][number]
            if not equal(wanted, found):
                case.fault(Fault.CERTIFICATE, f"certificate.json $.{name}.{number} (recomputed)", wanted, found)
    for name in ("adjacency", "assumption"):
        case.expect(Fault.CERTIFICATE, f"certificate.json $.{name}", price[name], certificate[name])


def _check_group(case: Case, certificate: Json) -> None:
    """The claim is about as many rows, at the same delta, as the plan aimed at."""
    inputs = case.documents.get("plan.json", {"inputs": {}})["inputs"]
    if "delta" in inputs:
        case.expect(Fault.CERTIFICATE, "certificate.json $.delta (plan.json)", inputs["delta"], certificate["delta"])
        rows = inputs["batch_rows"] if inputs.get("regime") == "joint" else inputs.get("rows_per_person")
        case.expect(Fault.CERTIFICATE, "certificate.json $.group (plan.json)", rows, certificate["group"])
