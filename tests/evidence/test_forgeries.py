"""Six forgeries by someone who holds the release key but cannot rewrite the signed log, and a stranger's whole bundle.

Each is done as well as it can be: every document that depends on the forged one is made anew, the list of members too.
"""

from typing import Any

import pytest

from evidence.approvals import approvals_document
from evidence.canonical import digest_json
from evidence.container import pack
from evidence.faults import Fault
from evidence.manifest import manifest_of_files
from evidence.verify import verify_bytes
from tests.evidence import specimen
from tests.evidence.forging import Members, document, faults, put, verdict_on
from tests.evidence.specimen import DELETE, Erasure, Log, honest_members, listed, trust, user


def recertify(members: Members) -> None:
    """Make the certificate, and the approvals over it, fit a forged ledger."""
    spec = digest_json(document(members, f"specs/{DELETE}.json"))
    put(members, "certificate.json", specimen.certificate(behind=document(members, "ledger.json"), spec=spec))
    reapprove(members)


def reapprove(members: Members, *, approvers: tuple[str, ...] = ("ann", "ben")) -> None:
    named = {name: digest_json(document(members, f"{name}.json")) for name in ("certificate", "policy", "verdict")}
    candidate = digest_json(document(members, "release/manifest.json"))
    people = {"proposer": user("olga"), "approvers": [user(name) for name in approvers]}
    put(members, "approvals.json", approvals_document(candidate=candidate, **named, **people))


def lower_sigma(members: Members) -> None:
    put(members, "ledger.json", specimen.ledger(sigma=0.02))
    recertify(members)


def lower_sigma_in_the_specification_too(members: Members) -> None:
    spec = document(members, f"specs/{DELETE}.json")
    spec["params"]["sigma"] = 0.02
    put(members, f"specs/{DELETE}.json", spec)
    lower_sigma(members)


def drop_an_event(members: Members) -> None:
    ledger = document(members, "ledger.json")
    ledger["events"] = [event for event in ledger["events"] if event["event"] != "released"]
    put(members, "ledger.json", ledger)
    recertify(members)


def swap_the_weights(members: Members) -> None:
    files = {"model.safetensors": b"other weights"}
    members["release/weights/model.safetensors"] = files["model.safetensors"]
    put(members, "release/manifest.json", manifest_of_files(files))
    members["release/model.sig"] = specimen.sign_release(files, specimen.RELEASE_KEY)
    reapprove(members)


def change_the_policy(members: Members) -> None:
    policy = {**document(members, "policy.json"), "bounds": {"a_epsilon": 100, "b_epsilon": 9}}
    put(members, "policy.json", policy)
    reapprove(members)


def hide_an_attempt(members: Members) -> None:
    lines = document(members, "log/entries.json")
    kept = [line for line in lines if line["entry"]["body"].get("attempt") != 1 or line["entry"]["seq"] > 5]
    assert len(kept) == len(lines) - 2
    put(members, "log/entries.json", kept)


def fake_the_second_approver(members: Members) -> None:
    reapprove(members, approvers=("ann", "eve"))


FORGERIES = {
    "sigma lowered": (lower_sigma, Fault.PARAMETERS),
    "an event dropped": (drop_an_event, Fault.LEDGER),
    "weights swapped": (swap_the_weights, Fault.WEIGHTS),
    "the policy changed": (change_the_policy, Fault.POLICY),
    "an attempt hidden": (hide_an_attempt, Fault.THREAD),
    "the second approver faked": (fake_the_second_approver, Fault.APPROVALS),
}


def test_the_specimen_is_honest() -> None:
    report = verdict_on(honest_members("erasure"))
    assert report.differences == []
    assert report.exit_code == 0
    assert report.answer == "verified"


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_named_with_its_own_exit_code(name: str) -> None:
    forge, expected = FORGERIES[name]
    members = honest_members("erasure")
    forge(members)
    report = verdict_on(members)
    assert report.exit_code == expected, report.differences
    assert report.answer == expected.label
    assert all(line.expected != line.found for line in report.differences)


def test_the_six_forgeries_have_six_codes() -> None:
    assert len({fault for _, fault in FORGERIES.values()}) == 6


def test_sigma_lowered_in_specification_ledger_and_certificate_alike_is_still_caught() -> None:
    members = honest_members("erasure")
    lower_sigma_in_the_specification_too(members)
    assert verdict_on(members).exit_code == Fault.PARAMETERS


def test_a_certificate_that_only_claims_less_is_caught_by_recomputing_it() -> None:
    members = honest_members("erasure")
    certificate = document(members, "certificate.json")
    certificate["b"]["epsilon"] /= 2
    put(members, "certificate.json", certificate)
    reapprove(members)
    report = verdict_on(members)
    assert report.exit_code == Fault.CERTIFICATE
    assert any("recomputed" in line.where for line in report.differences)


def test_an_issued_certificate_with_wrong_numbers_is_caught_although_the_log_agrees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = specimen.certificate

    def flattering(**parts: Any) -> dict[str, Any]:
        found = honest(**parts)
        return {**found, "b": {"mu": found["b"]["mu"] / 2, "epsilon": found["b"]["epsilon"]}}

    monkeypatch.setattr(specimen, "certificate", flattering)
    report = verdict_on(Erasure().members())
    assert [line.where for line in report.differences] == ["certificate.json $.b.mu (recomputed)"]


def test_a_hidden_attempt_with_everything_renumbered_is_not_in_the_log() -> None:
    members = honest_members("erasure")
    hide_an_attempt(members)
    lines = document(members, "log/entries.json")
    for seq, line in enumerate(lines):
        line["entry"]["seq"] = seq
        body = line["entry"]["body"]
        body.update({key: body[key] - 1 for key in ("attempts",) if key in body})
        if line["entry"]["event"] == "thread:closed":
            body["length"] = len(lines)
        if body.get("attempt") == 2:
            body["attempt"] = 1
    put(members, "log/entries.json", lines)
    report = verdict_on(members)
    assert report.exit_code == Fault.INCLUSION
    assert Fault.THREAD not in faults(report)


def test_one_approver_in_the_log_is_not_two_whatever_the_document_says() -> None:
    for approvers in (("ann",), ("ann", "ann"), ("ann", "olga"), ("olga",), ()):
        members = Erasure(approvers=approvers).members()
        reapprove(members)
        report = verdict_on(members)
        assert Fault.APPROVALS in faults(report), approvers


def test_two_approvals_of_another_digest_do_not_count() -> None:
    members = Erasure().members()
    log = Log()
    for line in document(members, "log/entries.json"):
        entry = line["entry"]
        if entry["event"] == "release:approved":
            entry["body"]["approval_digest"] = digest_json("something else")
        log.entries.append(entry)
    report = verdict_on({**members, **log.members(specimen.PLAN)})
    assert report.exit_code == Fault.APPROVALS


def test_a_bundle_wholly_signed_by_a_stranger_is_untrusted() -> None:
    stranger = Erasure(log=Log(key=specimen.STRANGERS_LOG_KEY), release_key=specimen.STRANGERS_RELEASE_KEY)
    report = verdict_on(stranger.members())
    assert report.exit_code == Fault.UNTRUSTED_KEY
    assert faults(report) == [Fault.UNTRUSTED_KEY]


def test_a_release_signed_by_a_stranger_is_untrusted_even_under_an_honest_log() -> None:
    report = verdict_on(Erasure(release_key=specimen.STRANGERS_RELEASE_KEY).members())
    assert [line.where for line in report.differences] == ["release/model.sig"]
    assert report.exit_code == Fault.UNTRUSTED_KEY


def test_without_trusted_keys_the_answer_is_unanchored_and_everything_else_is_still_checked() -> None:
    members = honest_members("erasure")
    report = verify_bytes(pack(listed(members, "erasure")), trust=None)
    assert faults(report) == [Fault.UNANCHORED]
    assert report.exit_code == Fault.UNANCHORED != 0
    assert "plan and its choice" in report.checked
    assert not [name for name in report.checked if "signature" in name]
    drop_an_event(members)
    report = verify_bytes(pack(listed(members, "erasure")), trust=None)
    assert faults(report)[0] == Fault.UNANCHORED
    assert Fault.LEDGER in faults(report)


def test_a_verdict_that_failed_does_not_open_the_gate() -> None:
    assert verdict_on(Erasure(outcome="failed").members()).exit_code == Fault.GATE
    assert verdict_on(Erasure(outcome="passed").members()).exit_code == 0


def test_a_bound_of_the_policy_that_the_certificate_exceeds_is_a_fault() -> None:
    policy = {**specimen.POLICY, "bounds": {"a_epsilon": 0.001, "b_epsilon": 9}}
    report = verdict_on(Erasure(policy=policy).members())
    assert [line.where for line in report.differences] == ["certificate.json $.a.epsilon"]
    assert report.exit_code == Fault.GATE


def test_rewritten_history_is_inconsistent_with_an_older_head() -> None:
    erasure = Erasure()
    members = erasure.members()
    honest = erasure.log
    rewritten = Log(entries=[{**honest.entries[0], "body": {"count": 2}}, *honest.entries[1:]])
    forged = {**members, **rewritten.members(specimen.PLAN), "log/heads.json": members["log/heads.json"]}
    assert verdict_on(forged).exit_code == Fault.CONSISTENCY


def test_a_sealed_measurement_may_not_leave_the_house(monkeypatch: pytest.MonkeyPatch) -> None:
    open_tier = specimen.measurements()
    open_tier["measurements"][0]["tier"] = "sealed"
    monkeypatch.setattr(specimen, "measurements", lambda: open_tier)
    assert verdict_on(Erasure().members()).exit_code == Fault.MEASUREMENTS


def test_an_absence_that_is_not_proved_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    document_ = specimen.snapshots()
    document_["new"], document_["old"] = document_["old"], document_["new"]
    monkeypatch.setattr(specimen, "snapshots", lambda: document_)
    assert verdict_on(Erasure().members()).exit_code == Fault.SNAPSHOT


def test_a_record_left_out_of_the_absences_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    document_ = specimen.snapshots()
    document_["absences"].pop()
    document_["presences"].pop()
    monkeypatch.setattr(specimen, "snapshots", lambda: document_)
    report = verdict_on(Erasure().members())
    assert [line.fault for line in report.differences] == [Fault.SNAPSHOT]


def test_a_plan_that_chose_the_dearer_route_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = specimen.plan()
    dear = {**honest, "choice": {**honest["choice"], "delete_cost_s": 99.0}}
    monkeypatch.setattr(specimen, "plan", lambda: dear)
    report = verdict_on(Erasure().members())
    assert [line.where for line in report.differences] == ["plan.json $.choice.delete_cost_s"]
    assert report.exit_code == Fault.PLAN


def test_a_plan_with_other_prices_than_the_policys_is_a_fault() -> None:
    dearer = {**specimen.POLICY["prices"], "delete_fixed_s": 0.75}
    report = verdict_on(Erasure(policy={**specimen.POLICY, "prices": dearer}).members())
    assert [line.where for line in report.differences] == ["plan.json $.inputs.prices (policy.json)"]


def test_more_steps_than_planned_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specimen, "STEPS", 9)
    report = verdict_on(Erasure().members())
    assert [line.where for line in report.differences] == ["steps of that job"]


def test_a_crashed_attempt_that_the_ledger_does_not_mention_is_a_fault() -> None:
    silent = specimen.ledger()
    silent["events"] = [event for event in silent["events"] if event["event"] != "draw_discarded"]
    report = verdict_on(Erasure(ledger=silent).members())
    assert [line.fault for line in report.differences] == [Fault.LEDGER]
    assert "draws of" in report.differences[0].where


def test_a_ledger_that_forgets_an_earlier_release_is_caught_by_the_plan_although_the_log_agrees() -> None:
    shorter = specimen.ledger()
    shorter["events"] = [event for event in shorter["events"] if event["event"] != "released"]
    report = verdict_on(Erasure(ledger=shorter).members())
    assert [line.where for line in report.differences] == ["ledger.json $.events[1] (plan.json)"]


def test_a_missing_and_an_extra_member_are_faults() -> None:
    for path in honest_members("erasure"):
        members = honest_members("erasure")
        del members[path]
        report = verdict_on(members)
        if path in ("log/heads.json", "destruction.json") or path.startswith("release/weights/"):
            assert report.exit_code == 0
        else:
            assert report.exit_code == Fault.MEMBER_LIST, path
    assert verdict_on({**honest_members("erasure"), "notes.txt": b""}).exit_code == Fault.MEMBER_LIST


def test_the_list_of_members_counts_both_ways() -> None:
    members = listed(honest_members("job"), "job")
    extra = verify_bytes(pack({**members, "extra.json": b"{}"}), trust=trust())
    assert extra.exit_code == Fault.MEMBER_LIST
    changed = verify_bytes(pack({**members, "log/tree-head.note": b"x"}), trust=trust())
    assert changed.exit_code == Fault.MEMBER_DIGEST


def test_an_opening_about_somebody_else_is_a_fault() -> None:
    members = honest_members("receipt")
    openings = document(members, "openings.json")
    for change in ({"payload": {"name": "Somebody Else"}}, {"key_hex": "00" * 32}, {"index": 0}, {"field": "count"}):
        put(members, "openings.json", [{**openings[0], **change}])
        assert verdict_on(members, "receipt").exit_code == Fault.OPENING


def test_differences_are_listed_most_fundamental_first() -> None:
    members = honest_members("erasure")
    for forge in (fake_the_second_approver, drop_an_event, hide_an_attempt):
        forge(members)
    found = [line.fault for line in verdict_on(members).differences]
    assert found == sorted(found)
    assert {Fault.THREAD, Fault.LEDGER, Fault.APPROVALS} <= set(found)


def test_a_plan_that_started_over_is_judged_by_its_last_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = specimen._before_release

    def twice(documents: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        events = honest(documents)
        return [*events[:-1], ("certificate:issued", {"certificate": digest_json("the first one")}), events[-1]]

    monkeypatch.setattr(specimen, "_before_release", twice)
    assert verdict_on(Erasure().members()).exit_code == 0


def test_a_second_policy_in_the_thread_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = specimen._before_release

    def twice(documents: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        return [("policy:fixed", {"policy": digest_json("laxer")}), *honest(documents)]

    monkeypatch.setattr(specimen, "_before_release", twice)
    assert verdict_on(Erasure().members()).exit_code == Fault.POLICY


def test_a_policy_fixed_after_the_work_began_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = specimen._before_release

    def late(documents: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
        first, *others = honest(documents)
        return [*others, first]

    monkeypatch.setattr(specimen, "_before_release", late)
    assert verdict_on(Erasure().members()).exit_code == Fault.POLICY
