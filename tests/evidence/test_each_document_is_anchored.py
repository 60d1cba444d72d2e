"""Each document has its own fault: change one innocently-looking field, and the verifier names that document."""

from collections.abc import Callable
from typing import Any

import pytest

from evidence.canonical import canonical_bytes, parse_canonical
from evidence.container import pack
from evidence.faults import Fault
from evidence.verify import verify_bytes
from tests.evidence.specimen import DELETE, RELEASE_KEY, VERIFY, honest_members, listed, sign_release, trust

[OTHERS] = [path for path in honest_members("erasure") if path.startswith("ledgers/")]
Change = Callable[[Any], None]
CHANGES: dict[str, tuple[Change, Fault]] = {
    "plan.json": (lambda d: d["choice"].update(reason="because"), Fault.PLAN),
    "policy.json": (lambda d: d.update(note="x"), Fault.POLICY),
    f"specs/{DELETE}.json": (lambda d: d["inputs"]["dataset"].update(path="inputs/other"), Fault.PARAMETERS),
    f"specs/{VERIFY}.json": (lambda d: d["params"].update(budgets=[0]), Fault.PARAMETERS),
    f"results/{DELETE}.json": (lambda d: d.update(elapsed_s=1), Fault.RESULT),
    f"measurements/{VERIFY}.json": (lambda d: d["measurements"][0].update(successes=0), Fault.MEASUREMENTS),
    "ledger.json": (lambda d: d["events"][2].update(records=2), Fault.LEDGER),
    OTHERS: (lambda d: d["events"][0].update(steps=39), Fault.LEDGER),
    "certificate.json": (lambda d: d["limits"].clear(), Fault.CERTIFICATE),
    "verdict.json": (lambda d: d.update(power="all of it"), Fault.VERDICT),
    "release/manifest.json": (lambda d: d["files"][0].update(size=1), Fault.WEIGHTS),
    "approvals.json": (lambda d: d["approvers"].reverse(), Fault.APPROVALS),
    "snapshot.json": (lambda d: d["old"].update(size=99), Fault.SNAPSHOT),
    "destruction.json": (lambda d: d.reverse(), Fault.DESTRUCTION),
    "log/heads.json": (lambda d: d["heads"][0]["proof"].pop(), Fault.CONSISTENCY),
    "log/entries.json": (lambda d: d[0]["entry"].update(actor_role="auditor"), Fault.INCLUSION),
}


@pytest.mark.parametrize("path", CHANGES)
def test_a_changed_document_is_named(path: str) -> None:
    change, expected = CHANGES[path]
    members = honest_members("erasure")
    document = parse_canonical(members[path])
    change(document)
    report = _verify({**members, path: canonical_bytes(document)})
    assert report.exit_code == expected, report.differences


def test_no_json_document_is_left_out_of_this_table() -> None:
    documents = {path for path in honest_members("erasure") if path.endswith(".json")}
    assert documents - set(CHANGES) == {f"results/{VERIFY}.json"}, "a result is a result"


def test_a_signature_file_made_anew_over_the_same_files_is_not_the_logged_one() -> None:
    files = {"model.safetensors": honest_members("erasure")["release/weights/model.safetensors"]}
    again = sign_release(files, RELEASE_KEY).replace(b'"keyid":""', b'"keyid":"x"')
    report = _verify({**honest_members("erasure"), "release/model.sig": again})
    assert report.exit_code == Fault.RELEASE_SIGNATURE


def test_other_weights_than_the_manifest_lists_are_a_fault() -> None:
    report = _verify({**honest_members("erasure"), "release/weights/model.safetensors": b"x"})
    assert report.exit_code == Fault.WEIGHTS


def test_a_tree_head_with_another_size_does_not_verify() -> None:
    members = honest_members("erasure")
    note = members["log/tree-head.note"]
    size = note.split(b"\n")[1]
    report = _verify({**members, "log/tree-head.note": note.replace(b"\n" + size, b"\n9" + size, 1)})
    assert report.exit_code == Fault.TREE_HEAD


def _verify(members: dict[str, bytes]) -> Any:
    return verify_bytes(pack(listed(members, "erasure")), trust=trust())
