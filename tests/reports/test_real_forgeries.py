"""Six forgeries of a real bundle by someone who holds the release key but cannot rewrite the signed log.

Each is done as well as that allows: what depends on the forged document is made anew, the list of members too.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.approvals import approvals_document
from evidence.assembly import log_members
from evidence.bundle import bundle_bytes
from evidence.canonical import canonical_bytes, digest, digest_json, parse_canonical
from evidence.faults import Fault
from evidence.manifest import manifest_of_files
from evidence.merkle import Tree, leaf_hash
from evidence.notes import note_key
from evidence.treehead import TreeHead, sign_tree_head
from evidence.trust import parse_trust
from evidence.trust import trust_document as trust_file_of
from evidence.verify import verify_bytes
from governance.audit.sequencer import ORIGIN
from governance.releases import release_key, signing
from governance.reports.bundle import bundle_with_weights, erasure_members
from governance.reports.trust import trust_document
from tests.reports.case import Closed, verify
from unlearning.accounting import Ledger, price

Members = dict[str, bytes]
WEIGHTS = "release/weights/"


def read(members: Members, path: str) -> Any:
    return parse_canonical(members[path])


def put(members: Members, path: str, value: Any) -> None:
    members[path] = canonical_bytes(value)


def packed(house: Closed, members: Members) -> bytes:
    return bundle_bytes(kind="erasure", thread=house.plan.ref, members=members)


def recertify(members: Members) -> None:
    """Make the certificate, and the approvals over it, fit a forged ledger."""
    ledger, certificate = read(members, "ledger.json"), read(members, "certificate.json")
    cost = price(Ledger.from_dict(ledger), delta=certificate["delta"], group=certificate["group"]).to_json()
    for name in ("a", "b", "b_before"):
        certificate[name] = {number: cost[name][number] for number in ("mu", "epsilon")}
    put(members, "certificate.json", {**certificate, "ledger": digest_json(ledger)})
    reapprove(members)


def reapprove(members: Members, **changes: Any) -> None:
    old = read(members, "approvals.json")
    named = {name: digest(members[f"{name}.json"]) for name in ("certificate", "policy", "verdict")}
    people = {"proposer": old["proposer"], "approvers": old["approvers"], **changes}
    put(
        members,
        "approvals.json",
        approvals_document(candidate=digest(members["release/manifest.json"]), **named, **people),
    )


def lower_sigma(members: Members, folder: Path) -> None:
    ledger = read(members, "ledger.json")
    ledger["problem"]["sigma"] *= 0.9
    put(members, "ledger.json", ledger)
    recertify(members)


def drop_an_event(members: Members, folder: Path) -> None:
    ledger = read(members, "ledger.json")
    ledger["events"] = [event for event in ledger["events"] if event["event"] != "released"]
    put(members, "ledger.json", ledger)
    recertify(members)


def swap_the_weights(members: Members, folder: Path) -> None:
    model = folder / "model"
    model.mkdir()
    for path in [path for path in members if path.startswith(WEIGHTS)]:
        members[path] = members[path][:-1] + bytes([members[path][-1] ^ 1])
        (model / path.removeprefix(WEIGHTS)).write_bytes(members[path])
    files = {path.name: path.read_bytes() for path in model.iterdir()}
    put(members, "release/manifest.json", manifest_of_files(files))
    members["release/model.sig"] = signing.sign_folder(model, folder).encode()
    reapprove(members)


def change_the_policy(members: Members, folder: Path) -> None:
    policy = read(members, "policy.json")
    policy["bounds"]["a_epsilon"] = 100
    put(members, "policy.json", policy)
    reapprove(members)


def hide_an_attempt(members: Members, folder: Path) -> None:
    """The first attempt at the deletion crashed; leave out everything that speaks of it."""
    lines = read(members, "log/entries.json")
    [ended] = [line["entry"]["body"] for line in lines if line["entry"]["body"].get("cause") == "exit_137"
               and line["entry"]["event"] == "attempt:ended"]  # fmt: skip
    place = (ended["job"], ended["attempt"])
    kept = [line for line in lines if (line["entry"]["body"].get("job"), line["entry"]["body"].get("attempt")) != place]
    assert len(kept) == len(lines) - 2
    put(members, "log/entries.json", kept)


def fake_the_second_approver(members: Members, folder: Path) -> None:
    first, _ = read(members, "approvals.json")["approvers"]
    reapprove(members, approvers=[first, "hmac:" + "e" * 64])


FORGERIES: dict[str, tuple[Callable[[Members, Path], None], Fault]] = {
    "sigma lowered": (lower_sigma, Fault.PARAMETERS),
    "an event dropped": (drop_an_event, Fault.LEDGER),
    "weights swapped and signed with the release key": (swap_the_weights, Fault.WEIGHTS),
    "the policy changed": (change_the_policy, Fault.POLICY),
    "an attempt hidden": (hide_an_attempt, Fault.THREAD),
    "the second approver faked": (fake_the_second_approver, Fault.APPROVALS),
}


def members_with_weights(house: Closed) -> Members:
    from evidence.container import unpack

    members = unpack(bundle_with_weights(plan=house.plan))
    del members["bundle.json"]
    return members


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_of_a_real_bundle_is_named_with_its_own_code(
    name: str, house: Closed, trust_file: Path, tmp_path: Path
) -> None:
    forge, expected = FORGERIES[name]
    members = members_with_weights(house)
    forge(members, tmp_path)
    code, words = verify(packed(house, members), tmp_path, trust=trust_file)
    assert code == expected, words
    assert f"FAULT {expected.label}" in words


def test_the_six_forgeries_have_six_codes() -> None:
    assert len({fault for _, fault in FORGERIES.values()}) == 6


def test_a_bundle_signed_wholly_by_a_stranger_is_untrusted_however_well_it_fits(
    house: Closed, trust_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = generate_private_key(SECP256R1())
    monkeypatch.setattr(signing, "release_key", lambda: stranger)
    members, log_key = members_with_weights(house), Ed25519PrivateKey.generate()
    resign(members, log_key, tmp_path)
    code, words = verify(packed(house, members), tmp_path, trust=trust_file)
    assert code == Fault.UNTRUSTED_KEY, words
    theirs = trust_file_of(tree_head=[note_key(name=ORIGIN, private_key=log_key)], release=[stranger.public_key()])
    (tmp_path / "theirs.json").write_bytes(canonical_bytes(theirs))
    assert verify(packed(house, members), tmp_path, trust=tmp_path / "theirs.json")[0] == 0, "only the keys tell"


def resign(members: Members, log_key: Ed25519PrivateKey, folder: Path) -> None:
    """A release signature and a whole log of the stranger's own, around the same documents."""
    model = folder / "model"
    model.mkdir()
    for path in [path for path in members if path.startswith(WEIGHTS)]:
        (model / path.removeprefix(WEIGHTS)).write_bytes(members[path])
    members["release/model.sig"] = signing.sign_folder(model, folder).encode()
    entries = [line["entry"] for line in read(members, "log/entries.json")]
    for entry in entries:
        if entry["event"] == "release:published":
            entry["body"]["signature"] = digest(members["release/model.sig"])
    leaves = [canonical_bytes(entry) for entry in entries]
    tree = Tree(leaf_hash(leaf) for leaf in leaves)
    head = TreeHead(origin=ORIGIN, size=tree.size, root=tree.root())
    note = sign_tree_head(head, name=ORIGIN, private_key=log_key)
    members.pop("log/heads.json", None)
    members.update(log_members(note=note, tree=tree, entries=list(enumerate(leaves))))


def test_a_changed_byte_in_any_member_of_a_real_bundle_is_caught(house: Closed) -> None:
    """A sample: the list of members is made anew, so that only the log and the signatures can tell."""
    trust, generator = parse_trust(canonical_bytes(trust_document())), random.Random(1)
    honest = members_with_weights(house)
    for path in sorted(honest):
        place = generator.randrange(len(honest[path]))
        edited = bytes([honest[path][place] ^ (1 << generator.randrange(7))])
        data = packed(house, {**honest, path: honest[path][:place] + edited + honest[path][place + 1 :]})
        assert verify_bytes(data, trust=trust).exit_code != 0, f"{path} at byte {place}"


def test_the_release_key_of_the_house_is_the_one_in_the_trust_file(house: Closed) -> None:
    erasure_members(house.plan)
    assert trust_document()["release"] == [release_key.public_key_pem()]
