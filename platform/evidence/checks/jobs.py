"""Are the jobs' specifications, results and open measurements the ones the log recorded?"""

from __future__ import annotations

from evidence.case import Case, Logged
from evidence.faults import Fault


def check_jobs(case: Case) -> None:
    """Digests against the log, and the names inside the documents."""
    for entry in [*case.logged("attempt:started"), *case.logged("job:recorded")]:
        path = f"specs/{entry.body['job']}.json"
        where = f"{path} (entry {entry.index}, {entry.event})"
        case.expect(Fault.PARAMETERS, where, entry.body["spec"], case.digest_of(path))
    for path, document in case.documents.items():
        if path.startswith("specs/"):
            case.expect(Fault.PARAMETERS, f"{path} $.job", path[len("specs/") : -len(".json")], document["job"])
    for entry in case.logged("job:recorded"):
        _check_result(case, entry)
        _check_measurements(case, entry)


def _check_result(case: Case, entry: Logged) -> None:
    job = entry.body["job"]
    path = f"results/{job}.json"
    case.expect(Fault.RESULT, f"{path} (entry {entry.index})", entry.body["result"], case.digest_of(path))
    result, spec = case.documents.get(path), case.documents.get(f"specs/{job}.json")
    if result and spec:
        case.expect(Fault.RESULT, f"{path} $.job", job, result["job"])
        case.expect(Fault.RESULT, f"{path} $.engine", spec["engine"], result["engine"])
        if entry.body.get("weights"):
            case.expect(Fault.RESULT, f"{path} $.status", "done", result["status"])


def _check_measurements(case: Case, entry: Logged) -> None:
    path = f"measurements/{entry.body['job']}.json"
    if not entry.body.get("measurements"):
        return
    case.expect(Fault.MEASUREMENTS, f"{path} (entry {entry.index})", entry.body["measurements"], case.digest_of(path))
    for number, line in enumerate(case.documents.get(path, {"measurements": []})["measurements"]):
        case.expect(Fault.MEASUREMENTS, f"{path} $.measurements[{number}].tier", "open", line["tier"])
