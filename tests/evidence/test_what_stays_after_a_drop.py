"""What stays of weights whose file is gone is held against a record that the log had of its parts before the case."""

import io
import json
from typing import Any

import pytest

from evidence.assembly import log_members
from evidence.canonical import canonical_bytes, digest, digest_json
from evidence.case import BEFORE, PART_OPENINGS
from evidence.faults import MEANINGS, Fault
from evidence.parts import commitments, contents, document
from tests.evidence import specimen
from tests.evidence.forging import faults, verdict_on
from tests.evidence.specimen import DELETE, PLAN
from tests.evidence.test_a_ladder_of_methods import PRICED, RULES
from tests.evidence.test_a_plan_that_drops import ORIGINS, WISHES, Dropped
from tests.evidence.test_a_plan_that_retrains_adapters import Retrained

TOLD = "rows of each part, as its training was told"
RECORDED, OPENED = "parts that stay, as recorded before the case", "parts that stay, opened on the released file"
TRAINED = "job_" + "8" * 32
OLD_WEIGHTS = digest_json("the old weights")
SALTS = {part: digest(part.encode())[7:].encode()[:32] for part in ("base", "adapter:house_0", "adapter:house_1")}


def packed(*, base: bytes = b"BASE", adapters: dict[str, bytes], described: Any = 1) -> bytes:
    """A packed file of one tensor in each part, of four bytes."""
    tensors = {"w": base, **{f"adapter:{name}:w": data for name, data in adapters.items()}}
    told = {"format": "obelus/language/1", "config": described, "adapters": {name: {"rank": 1} for name in adapters}}
    places = {
        name: {"dtype": "F32", "shape": [1], "data_offsets": [4 * at, 4 * at + 4]} for at, name in enumerate(tensors)
    }
    header = json.dumps({"__metadata__": {"obelus": json.dumps(told)}, **places}).encode()
    return len(header).to_bytes(8, "little") + header + b"".join(tensors.values())


OLD = packed(adapters={"house_0": b"gone", "house_1": b"stay"})
NEW = packed(adapters={"house_1": b"stay"})


def recorded(file: bytes, salts: dict[str, bytes] = SALTS) -> Any:
    return document(contents(io.BytesIO(file)), salts=salts)


class Kept(Dropped):
    """One adapter went and one stayed; the training of the old weights had recorded all their parts."""

    old: Any = recorded(OLD)
    new: Any = recorded(NEW)
    entry: dict[str, Any] = {}
    event = "job:recorded"
    late = False
    told: Any = None
    keys: dict[str, bytes] | None = {part: SALTS[part] for part in ("base", "adapter:house_1")}
    names = True

    def documents(self) -> dict[str, Any]:
        named = {"job": TRAINED, "digest": digest_json(self.old)}
        named |= {"spec": digest_json(self.told)} if self.told else {}
        self.beside = {"parts": named} if self.names else {}
        found = super().documents()
        own = {f"parts/{TRAINED}.json": self.old, f"parts/{DELETE}.json": self.new} if self.names else {}
        own |= {f"specs/{TRAINED}.json": self.told} if self.told else {}
        openings = [{"part": part, "key_hex": key.hex()} for part, key in (self.keys or {}).items()]
        return {**found, **own, **({PART_OPENINGS: openings} if openings and self.names else {})}

    def before_release(self, documents: Any) -> list[tuple[str, dict[str, Any]]]:
        parts = {"parts": digest_json(self.new)} if self.names else {}
        return [
            (event, {**body, **parts} if event == "job:recorded" and body["job"] == DELETE else body)
            for event, body in super().before_release(documents)
        ]

    def members(self) -> dict[str, bytes]:
        """The log begins with the training, whose entry the bundle shows; or ends with it, where that came late."""
        body = {"job": TRAINED, "attempt": 1, "spec": digest_json(self.told or "spec"), "result": digest_json("result")}
        body |= {"weights": OLD_WEIGHTS, "parts": digest_json(self.old)}
        if not self.late:
            self.log.add(self.event, TRAINED, body | self.entry)
        found = super().members()
        if self.late:
            self.log.add(self.event, TRAINED, body | self.entry)
            found |= self.log.members(PLAN)
        if self.keys is None:
            found = {path: data for path, data in found.items() if not path.startswith("release/weights/")}
        return {**found, BEFORE: self.proved()} if self.names else found

    def proved(self) -> bytes:
        at = next(place for place, entry in enumerate(self.log.entries) if entry["thread"] == TRAINED)
        leaf, size = canonical_bytes(self.log.entries[at]), len(self.log.entries)
        return log_members(note=self.log.note(size), tree=self.log.tree(), entries=[], before=(at, leaf))[BEFORE]


def case_of(**changes: Any) -> Kept:
    rules = {**RULES, "approximate": WISHES}
    policy = {**specimen.POLICY, "prices": {**specimen.POLICY["prices"], **PRICED}, "verification": rules}
    case = Kept(policy=policy, outcome="inconclusive", weights={"model.safetensors": NEW})
    for name, value in changes.items():
        setattr(case, name, value)
    return case


def kept(**changes: Any) -> Any:
    return verdict_on(case_of(**changes).members())


def test_an_honest_one_verifies_and_says_how_far_it_was_checked() -> None:
    found = kept()
    assert found.differences == [] and {RECORDED, OPENED} <= set(found.checked)
    found = kept(keys=None)
    assert found.differences == [] and RECORDED in found.checked and OPENED not in found.checked
    assert "before the case" in MEANINGS[Fault(39)]


def test_old_weights_that_nobody_recorded_by_parts_verify_as_before_on_the_houses_word() -> None:
    found = kept(names=False)
    assert found.differences == [] and not {RECORDED, OPENED} & set(found.checked)


OTHER = packed(adapters={"house_1": b"more"})


@pytest.mark.parametrize(
    "changed",
    [
        {"new": recorded(OTHER), "weights": {"model.safetensors": OTHER}},
        {"new": recorded(packed(base=b"base", adapters={"house_1": b"stay"})), "keys": None},
        {"new": recorded(packed(adapters={"house_1": b"stay"}, described=2)), "keys": None},
        {"new": recorded(OLD), "keys": None},
        {"new": recorded(packed(adapters={})), "keys": None},
        {"old": recorded(packed(adapters={"house_1": b"stay"}))},
        {"late": True},
        {"entry": {"weights": digest_json("other weights")}},
        {"entry": {"parts": digest_json("other parts")}},
        {"entry": {"parts": None}},
        {"entry": {"job": DELETE}},
        {"event": "attempt:started"},
    ],
)
def test_what_is_not_as_it_was_recorded_is_refused(changed: dict[str, Any]) -> None:
    report = kept(**changed)
    assert faults(report) == [Fault.PARTS] and report.exit_code == 39


@pytest.mark.parametrize(
    "changed",
    [
        {"weights": {"model.safetensors": OTHER}},
        {"weights": {"model.safetensors": b"\x08" + bytes(7) + b'{"w":1} '}},
        {"weights": {"model.safetensors": NEW[:-1]}},
        {"keys": {part: bytes(32) for part in ("base", "adapter:house_1")}},
        {"keys": {"base": SALTS["base"]}},
        {"weights": {"model.safetensors": NEW, "more.bin": b"gone"}},
    ],
)
def test_a_released_file_that_does_not_open_the_record_is_refused(changed: dict[str, Any]) -> None:
    """Equal commitments alone are the house's own words; on the file itself they must open."""
    assert faults(kept(**changed)) == [Fault.PARTS]


class Anew(Kept, Retrained):
    """One adapter was trained anew, under a new salt; the other stayed."""

    new: Any = recorded(
        packed(adapters={"house_0": b"anew", "house_1": b"stay"}), SALTS | {"adapter:house_0": bytes(32)}
    )
    keys = SALTS | {"adapter:house_0": bytes(32)}


def test_beside_an_adapter_that_was_trained_anew_the_others_are_held_to_the_record_too() -> None:
    def found(new: bytes, salts: dict[str, bytes] = Anew.keys) -> Any:
        rules = {**RULES, "approximate": [{"method": "retrain_adapter"}, *RULES["approximate"]]}
        policy = {**specimen.POLICY, "prices": {**specimen.POLICY["prices"], **PRICED}, "verification": rules}
        case = Anew(policy=policy, outcome="inconclusive", weights={"model.safetensors": new})
        case.new = recorded(new, salts)
        return verdict_on(case.members())

    honest = found(packed(adapters={"house_0": b"anew", "house_1": b"stay"}))
    assert honest.differences == [] and {RECORDED, OPENED} <= set(honest.checked)
    for file in (
        packed(adapters={"house_0": b"anew", "house_1": b"more"}),
        packed(base=b"more", adapters={"house_0": b"anew", "house_1": b"stay"}),
        packed(adapters={"house_1": b"stay"}),
    ):
        assert Fault.PARTS in faults(found(file))


def training(**changes: Any) -> Any:
    """The specification of the training: which rows each adapter learned, of which object."""
    found = specimen.spec(TRAINED, "language.train", {"epochs": 30, "parts": ORIGINS["adapters"]})
    return {**found, **changes}


def test_which_rows_each_part_learned_is_what_its_training_was_told() -> None:
    found, untold = kept(told=training()), kept()
    assert found.differences == [] and {RECORDED, TOLD} <= set(found.checked)
    assert untold.differences == [] and TOLD not in untold.checked, "then it is the house's word, and so it says"
    swapped = {"house_0": ORIGINS["adapters"]["house_1"], "house_1": ORIGINS["adapters"]["house_0"]}
    rows = {"texts": {"path": "inputs/texts", "digest": digest_json("other rows")}}
    for told in (
        training(params={"epochs": 30, "parts": swapped}),
        training(inputs=rows),
        training(engine="language.references"),
    ):
        assert faults(kept(told=told)) == [Fault.PARTS]
    assert faults(kept(told=training(), entry={"spec": digest_json("another")})) == [Fault.PARTS]


def test_the_old_record_must_be_in_the_signed_log_and_in_the_bundle() -> None:
    members = case_of().members()
    entry = members[BEFORE].replace(b"8" * 32, b"7" * 32, 1)
    assert Fault.INCLUSION in faults(verdict_on(members | {BEFORE: entry}))
    for path in (BEFORE, f"parts/{TRAINED}.json", f"parts/{DELETE}.json"):
        without = {name: data for name, data in members.items() if name != path}
        assert Fault.MEMBER_LIST in faults(verdict_on(without)), path


def test_salts_are_only_beside_the_weights_that_they_open() -> None:
    members = {name: data for name, data in case_of().members().items() if not name.startswith("release/weights/")}
    assert Fault.MEMBER_LIST in faults(verdict_on(members))


def test_nobody_shows_the_file_and_keeps_its_salts_back() -> None:
    """Else a file with the dropped adapter in it would stand beside commitments that nothing opens."""
    for weights in ({"model.safetensors": OTHER}, {"other.safetensors": OTHER}):
        members = {path: data for path, data in case_of(weights=weights).members().items() if path != PART_OPENINGS}
        assert Fault.MEMBER_LIST in faults(verdict_on(members))


def test_without_its_salt_a_commitment_says_nothing_of_its_part() -> None:
    other = {part: bytes([at]) * 32 for at, part in enumerate(SALTS)}
    one, two = commitments(recorded(OLD)), commitments(recorded(OLD, other))
    assert one.keys() == two.keys() and not set(one.values()) & set(two.values())
    assert commitments(recorded(NEW)) == {part: one[part] for part in ("base", "adapter:house_1")}


def hiding(*, after: bytes = b"", metadata: dict[str, str] | None = None, header: bytes = b"") -> bytes:
    """A packed file without the adapter that went, which has the adapter's bytes all the same."""
    length = int.from_bytes(NEW[:8], "little")
    told = json.loads(NEW[8 : 8 + length])
    told["__metadata__"] |= metadata or {}
    told["adapter:house_1:w"]["data_offsets"] = [4 + len(after), 8 + len(after)]
    begin = json.dumps(told).encode().replace(b"{", b"{" + header, 1)
    return len(begin).to_bytes(8, "little") + begin + b"BASE" + after + b"stay"


@pytest.mark.parametrize(
    "file",
    [
        *(NEW + b"gone", hiding(after=b"gone"), hiding(metadata={"more": "gone"})),
        hiding(header=b'"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4], "gone": 1}, '),
    ],
)
def test_what_lies_beside_the_parts_is_of_no_part_and_is_refused(file: bytes) -> None:
    assert contents(io.BytesIO(hiding())) == contents(io.BytesIO(NEW)), "the same file, with nothing hidden"
    with pytest.raises(ValueError, match="expected"):
        contents(io.BytesIO(file))
    assert faults(kept(weights={"model.safetensors": file})) == [Fault.PARTS]


@pytest.mark.parametrize("file", [b"", b"\x02" + bytes(7) + b"{}", b"\xff" * 8 + b"{}", OLD[:-2]])
def test_what_is_no_packed_file_has_no_parts(file: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        contents(io.BytesIO(file))
