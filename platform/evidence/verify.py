"""The offline verifier: what a bundle proves to someone who trusts two keys and nothing else.

The signed log is the anchor. Every document must be the one whose digest the log holds, so whoever holds the release
key but cannot rewrite the log is caught. What is verified: signatures, proofs, digests and arithmetic. What is not:
that the steps ran and the noise was fresh (attested by who ran them), and that noise was real-numbered (assumed).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evidence.case import BEFORE, DESTRUCTION, ENTRIES, PART_OPENINGS, TREE_HEAD, Case
from evidence.checks.absence import check_snapshot
from evidence.checks.alarms import check_alarms
from evidence.checks.arithmetic import check_certificate, check_ledger
from evidence.checks.destruction import check_destruction, check_kept, check_replaced, is_kept, is_replaced
from evidence.checks.four_eyes import check_approvals
from evidence.checks.jobs import check_jobs
from evidence.checks.listing import check_documents, check_index, check_members
from evidence.checks.log import check_log
from evidence.checks.never_seen import check_never_seen, is_named
from evidence.checks.openings import check_openings
from evidence.checks.parts import check_opened, check_origins, check_parts, is_recorded, is_told
from evidence.checks.planning import check_plan, check_policy, check_verdict
from evidence.checks.release import check_signature, check_weights
from evidence.checks.thread import check_attempts, check_thread
from evidence.container import ContainerError, unpack
from evidence.faults import Fault, Report, difference
from evidence.trust import Trust, TrustError, parse_trust


def always(case: Case) -> bool:
    return True


@dataclass(frozen=True)
class Check:
    """One check, the kinds of bundle it is for, and the documents without which it cannot be made.

    signed: it rests on a signature, so without trusted keys it is not said to hold.
    about: the optional member it is about; a bundle without it is not said to have held it. when: the same for what
    only later bundles tell.
    """

    name: str
    run: Callable[[Case], None]
    kinds: tuple[str, ...]
    needs: tuple[str, ...] = (ENTRIES,)
    signed: bool = False
    about: str | None = None
    when: Callable[[Case], bool] = always


GET_TRUST = "get it again from the party you trust, by another way than the bundle"
_ALL, _RUN, _ERASURE = ("erasure", "receipt", "job"), ("erasure", "job"), ("erasure",)
CHECKS = (
    Check("members of the kind", check_members, _ALL, ()),
    Check("log: signature, inclusion, consistency", check_log, _ALL, (TREE_HEAD, ENTRIES), signed=True),
    Check("thread complete", check_thread, _ALL),
    Check("attempts counted", check_attempts, _RUN),
    Check("plan and its choice", check_plan, _ERASURE, (ENTRIES, "plan.json")),
    Check("policy fixed beforehand", check_policy, _ERASURE, (ENTRIES, "policy.json")),
    Check("jobs as specified and recorded", check_jobs, _RUN),
    Check("ledger", check_ledger, _ERASURE, (ENTRIES, "ledger.json"), about="ledger.json"),
    Check("certificate recomputed", check_certificate, _ERASURE, (ENTRIES, "certificate.json")),
    Check("verdict", check_verdict, _ERASURE, (ENTRIES, "verdict.json")),
    Check(
        "never-seen rows named beforehand",
        check_never_seen,
        _ERASURE,
        (ENTRIES, "certificate.json", "policy.json"),
        when=is_named,
    ),
    Check(
        "parts that stay, as recorded before the case",
        check_parts,
        _ERASURE,
        (ENTRIES, BEFORE, "certificate.json"),
        when=is_recorded,
    ),
    Check(
        "rows of each part, as its training was told",
        check_origins,
        _ERASURE,
        (ENTRIES, BEFORE, "certificate.json"),
        when=is_told,
    ),
    Check(
        "parts that stay, opened on the released file",
        check_opened,
        _ERASURE,
        (ENTRIES, PART_OPENINGS, "certificate.json"),
        about=PART_OPENINGS,
    ),
    Check("weights", check_weights, _ERASURE, (ENTRIES, "release/manifest.json")),
    Check(
        "release signature",
        check_signature,
        _ERASURE,
        (ENTRIES, "release/manifest.json", "release/model.sig"),
        signed=True,
    ),
    Check("two approvers", check_approvals, _ERASURE, (ENTRIES, "approvals.json")),
    Check("erased records absent", check_snapshot, _ERASURE, (ENTRIES, "snapshot.json")),
    Check("false alarms called by others", check_alarms, _ERASURE, (ENTRIES, "verdict.json", "policy.json")),
    Check("destruction list", check_destruction, _ERASURE, (ENTRIES, DESTRUCTION), about=DESTRUCTION),
    Check(
        "what was kept",
        check_kept,
        _ERASURE,
        (ENTRIES, DESTRUCTION, "certificate.json"),
        when=is_kept,
    ),
    Check(
        "old weights on the list",
        check_replaced,
        _ERASURE,
        (ENTRIES, DESTRUCTION),
        when=is_replaced,
    ),
    Check("openings", check_openings, ("receipt",), (ENTRIES, "openings.json")),
)


def verify_file(bundle: Path, *, trust: Path | None) -> Report:
    """Verify a bundle file against a trust file (without one: everything is checked, and the answer is `unanchored`).

    Never raises on what the files hold; a file that cannot be read is a fault too.
    """
    try:
        trusted = parse_trust(trust.read_bytes()) if trust else None
    except (TrustError, OSError) as error:
        came = f"{unreadable(trust, error) if isinstance(error, OSError) else error}; {GET_TRUST}"
        return Report([difference(Fault.TRUST_FILE, "trust file", expected="a file of trusted keys", found=came)])
    try:
        data = bundle.read_bytes()
    except OSError as error:
        came = f"{unreadable(bundle, error)}; name the bundle that you were given"
        return Report([difference(Fault.CONTAINER, "bundle", expected="an evidence bundle", found=came)])
    return verify_bytes(data, trust=trusted)


def unreadable(path: Path | None, error: OSError) -> str:
    """What lies there instead of a file that can be read, without the number the system has for it."""
    kinds = {FileNotFoundError: "no file", IsADirectoryError: "a folder", PermissionError: "a file you may not read"}
    return f"{kinds.get(type(error), 'a file that cannot be read')} at {path}"


def verify_bytes(data: bytes, *, trust: Trust | None) -> Report:
    """Verify a bundle in memory. Never raises on what it holds."""
    try:
        members = unpack(data)
    except ContainerError as error:
        return Report([difference(Fault.CONTAINER, "bundle", expected="a canonical container", found=str(error))])
    return verify_members(members, trust=trust)


def verify_members(members: Mapping[str, bytes], *, trust: Trust | None) -> Report:
    """Verify the members of a container, `bundle.json` among them. Never raises on what they hold."""
    case = Case(members=members, trust=trust)
    if trust is None:
        case.fault(Fault.UNANCHORED, "trust", "trusted keys (--trust FILE)", "none: nothing below is anchored")
    for check in (Check("list of members", check_index, _ALL), Check("documents", check_documents, _ALL)):
        _guarded(case, check)
    for check in CHECKS if case.report.kind else ():
        if case.report.kind in check.kinds and (check.about is None or check.about in members) and check.when(case):
            _run(case, check)
    case.report.differences = sorted(set(case.report.differences))
    return case.report


def _run(case: Case, check: Check) -> None:
    missing = [path for path in check.needs if path not in case.documents and not _is_raw(case, path)]
    if missing:
        case.fault(Fault.UNCHECKED, check.name, f"a readable {', '.join(missing)}", "none")
    else:
        _guarded(case, check)


def _is_raw(case: Case, path: str) -> bool:
    return path in case.members and path in (TREE_HEAD, "release/model.sig")


def _guarded(case: Case, check: Check) -> None:
    before = len(case.report.differences)
    try:
        check.run(case)
    except Exception as error:  # a verifier that falls over on a hostile file must say no, not crash
        case.fault(Fault.UNCHECKED, check.name, "a check that ends", f"{type(error).__name__}: {error}")
    if len(case.report.differences) == before and (case.trust or not check.signed):
        case.report.checked.append(check.name)
