"""The list of what was destroyed may stand in the bundle; then it is the logged one."""

from typing import Any

from evidence.approvals import approvals_document
from evidence.canonical import digest, digest_json
from evidence.faults import Fault
from tests.evidence.forging import Members, document, put, verdict_on
from tests.evidence.specimen import DELETE, VERIFY, Erasure, _parts, honest_members


def test_a_list_that_is_there_is_said_to_have_held_and_one_that_is_not_is_not() -> None:
    members = honest_members("erasure")
    assert "destruction list" in verdict_on(members).checked
    del members["destruction.json"]
    report = verdict_on(members)
    assert report.exit_code == 0
    assert "destruction list" not in report.checked


def test_an_item_left_out_added_or_moved_is_a_fault() -> None:
    items = document(honest_members("erasure"), "destruction.json")
    for forged in (items[1:], [*items, items[0]], items[::-1], []):
        members = honest_members("erasure")
        put(members, "destruction.json", forged)
        assert verdict_on(members).exit_code == Fault.DESTRUCTION


def test_a_list_longer_than_the_log_counted_is_a_fault_although_its_digest_fits() -> None:
    class Miscounted(Erasure):
        def _release(self, documents: dict[str, object], signature: str) -> list[tuple[str, dict[str, object]]]:
            events = super()._release(documents, signature)
            return [(name, body | {"items": 2} if "items" in body else body) for name, body in events]

    report = verdict_on(Miscounted().members())
    assert [line.fault for line in report.differences] == [Fault.DESTRUCTION]
    assert report.differences[0].where.endswith("items")


def test_what_was_kept_is_weights_on_the_list_and_anything_else_is_a_fault() -> None:
    items = document(honest_members("erasure"), "destruction.json")
    weights = next(item["target"] for item in items if item["kind"] == "weights")
    for kept, expected in (([weights], None), (["sha256:" + "9" * 64], Fault.DESTRUCTION), (5, Fault.THREAD)):

        class Keeping(Erasure):
            said = kept

            def _release(self, documents: dict[str, object], signature: str) -> list[tuple[str, dict[str, object]]]:
                events = super()._release(documents, signature)
                return [(name, body | {"kept": self.said} if "items" in body else body) for name, body in events]

        found = [line.fault for line in verdict_on(Keeping().members()).differences]
        assert found[:1] == ([expected] if expected else [])


def test_the_weights_that_the_rows_were_taken_from_are_never_kept_and_what_was_kept_is_shown() -> None:
    """Else a bundle would verify though the model that learned from the person is still there."""

    class Keeping(Erasure):
        given = digest(b"old")

        def documents(self) -> dict[str, Any]:
            documents = super().documents()
            spec = documents[f"specs/{DELETE}.json"]
            spec["inputs"] |= {"model": {"path": "inputs/model", "digest": self.given}}
            documents["certificate.json"] |= {"spec": digest_json(spec)}
            people = {name: documents["approvals.json"][name] for name in ("proposer", "approvers")}
            documents["approvals.json"] = approvals_document(**_parts(documents), **people)
            return documents

        def _release(self, documents: dict[str, Any], signature: str) -> list[tuple[str, dict[str, Any]]]:
            events = super()._release(documents, signature)
            return [(name, body | {"kept": [digest(b"old")]} if "items" in body else body) for name, body in events]

    report = verdict_on(Keeping().members())
    assert {line.fault for line in report.differences} == {Fault.DESTRUCTION}
    twin = Keeping()
    twin.given = digest(b"others")
    members = twin.members()
    assert verdict_on(members).differences == []
    assert "what was kept" in verdict_on(members).checked
    del members["destruction.json"]
    assert verdict_on(members).exit_code == Fault.UNCHECKED


def test_a_list_without_the_weights_that_were_replaced_is_a_fault() -> None:
    """Else the one thing that learned from the person could be left off it."""

    class Replacing(Erasure):
        said, given = digest(b"old"), digest(b"old")

        def documents(self) -> dict[str, Any]:
            documents = super().documents()
            spec = documents[f"specs/{VERIFY}.json"]
            spec["inputs"] |= {"original": {"path": "inputs/original", "digest": self.given}}
            return documents

        def _release(self, documents: dict[str, Any], signature: str) -> list[tuple[str, dict[str, Any]]]:
            events = super()._release(documents, signature)
            return [(name, body | {"replaced": self.said} if "items" in body else body) for name, body in events]

    report, untold = verdict_on(Replacing().members()), verdict_on(honest_members("erasure"))
    assert report.differences == [] and "old weights on the list" in report.checked
    assert untold.differences == [] and "old weights on the list" not in untold.checked
    for said, given in (
        (digest(b"others"), digest(b"old")),
        (digest(b"others"),) * 2,
        (digest(b"old"), digest(b"others")),
    ):
        case = Replacing()
        case.said, case.given = said, given
        assert {line.fault for line in verdict_on(case.members()).differences} == {Fault.DESTRUCTION}


def test_a_path_is_no_target() -> None:
    members: Members = honest_members("erasure")
    put(members, "destruction.json", [{"kind": "weights", "target": "/srv/somebody/model"}])
    assert verdict_on(members).exit_code == Fault.FORMAT
