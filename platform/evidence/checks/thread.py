"""Is the thread whole? Its entries count themselves, its attempts count themselves, and the last entry says how many.

Leaving entries out breaks the count; renumbering those that stay changes their leaf hashes, which breaks inclusion.
"""

from __future__ import annotations

from evidence.case import ENTRIES, Case, Logged
from evidence.events import ERASURE_EVENTS, body_faults
from evidence.faults import Fault

_BEGINS = {"job": "job_", "receipt": "er_", "erasure": "plan_"}


def check_thread(case: Case) -> None:
    """Numbers without gaps, one thread, a closing entry that counts them."""
    begins, thread = _BEGINS[str(case.report.kind)], str(case.report.thread)
    if not thread.startswith(begins):
        # Else a job's or a request's short trail could be shown as if it were the whole erasure, or the reverse.
        case.fault(Fault.THREAD, f"thread of kind {case.report.kind}", f"one that begins with {begins}", thread)
    lines = case.documents[ENTRIES]
    entries = [line["entry"] for line in lines]
    for line, entry in zip(lines, entries, strict=True):
        case.expect(Fault.THREAD, f"entry {line['index']} thread", case.report.thread, entry["thread"])
        for key in body_faults(entry["event"], entry["body"]):
            case.fault(Fault.THREAD, f"entry {line['index']} ({entry['event']})", f"a sound {key!r}", "otherwise")
    seqs = [entry["seq"] for entry in entries]
    if seqs != list(range(len(seqs))):
        missing = sorted(set(range(max(seqs) + 1)) - set(seqs)) if max(seqs) < 10**6 else []
        case.fault(Fault.THREAD, ENTRIES, f"seq 0 to {len(seqs) - 1} in order", f"{seqs}, missing {missing}")
    indexes = [line["index"] for line in lines]
    if any(after <= before for before, after in zip(indexes, indexes[1:], strict=False)):
        case.fault(Fault.THREAD, ENTRIES, "leaf numbers that grow with seq", indexes)
    _check_closing(case, [entry["event"] for entry in entries])


def _check_closing(case: Case, events: list[str]) -> None:
    closings = [place for place, event in enumerate(events) if event == "thread:closed"]
    case.expect(Fault.THREAD, "places of thread:closed", [len(events) - 1], closings)
    closing = case.last("thread:closed")
    if closing:
        case.expect(Fault.THREAD, "entries counted by thread:closed", closing.body["length"], len(events))
    if case.report.kind == "erasure":
        for event in ERASURE_EVENTS:
            if event not in events:
                case.fault(Fault.THREAD, ENTRIES, f"an entry {event}", "none")


def check_attempts(case: Case) -> None:
    """Attempts of each job are 1, 2, 3..., each started one ended or recorded, and the verdict counted them all."""
    started = case.logged("attempt:started")
    by_job: dict[str, list[int]] = {}
    for entry in started:
        by_job.setdefault(entry.body["job"], []).append(entry.body["attempt"])
    for job, numbers in by_job.items():
        case.expect(Fault.THREAD, f"attempts of {job}", list(range(1, len(numbers) + 1)), numbers)
    ended = _places(case.logged("attempt:ended"))
    recorded = _places(case.logged("job:recorded"))
    begun = _places(started)
    for place in sorted(begun - ended - recorded):
        case.fault(Fault.THREAD, f"attempt {place[1]} of {place[0]}", "an end or a record", "none")
    for place in sorted((ended | recorded) - begun):
        case.fault(Fault.THREAD, f"attempt {place[1]} of {place[0]}", "a start, logged beforehand", "none")
    jobs = [entry.body["job"] for entry in case.logged("job:recorded")]
    case.expect(Fault.THREAD, "jobs recorded once each", sorted(set(jobs)), sorted(jobs))
    for verdict in case.logged("verdict:reached"):
        before = sum(entry.seq < verdict.seq for entry in started)
        case.expect(Fault.THREAD, "attempts counted by the verdict", verdict.body["attempts"], before)


def _places(entries: list[Logged]) -> set[tuple[str, int]]:
    return {(entry.body["job"], entry.body["attempt"]) for entry in entries}
