"""A synthetic case that is honest in every part: the evidence tests verify it, forge it and break it.

Keys and salts are fixed, so the same bytes come out every time; nothing here is a secret or a person.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from evidence.approvals import approval_digest, approvals_document
from evidence.assembly import log_members
from evidence.bundle import INDEX, bundle_bytes, member_lines
from evidence.canonical import canonical_bytes, digest, digest_json
from evidence.checks.all_models import ledger_path
from evidence.commitments import commit
from evidence.dsse import MEDIA_TYPE, PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE, key_hint
from evidence.manifest import manifest_of_files
from evidence.merkle import Tree, leaf_hash
from evidence.notes import note_key
from evidence.pricing import jointly, line_bounds, numbers_of
from evidence.snapshot_form import snapshot_document
from evidence.snapshots import Snapshot, snapshot_leaf
from evidence.treehead import TreeHead, sign_tree_head
from evidence.trust import Trust, parse_trust
from evidence.trust import trust_document as trust_file
from unlearning.accounting import Deleted, DrawDiscarded, Ledger, Problem, Released, Steps, Trained, price
from unlearning.accounting.plan_file import Plan
from unlearning.accounting.planning import PlanInputs, PriceList

LOG_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"specimen log").digest())
RELEASE_KEY = derive_private_key(0x0BE1, SECP256R1())
STRANGERS_LOG_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"stranger").digest())
STRANGERS_RELEASE_KEY = derive_private_key(0xBAD, SECP256R1())
ORIGIN = "log.example/obelus"

PLAN, REQUEST, OTHER = "plan_" + "a" * 32, "er_" + "b" * 32, "er_" + "c" * 32
TRAIN, DELETE, VERIFY, NOOP = "job_" + "0" * 32, "job_" + "1" * 32, "job_" + "2" * 32, "job_" + "3" * 32
OTHER_TRAIN = "job_" + "4" * 32
CASE_KEY, PERSONS_KEY = hashlib.sha256(b"case").digest(), hashlib.sha256(b"person").digest()
DELTA, FORGOTTEN, STEPS = 1e-5, 3, 8
PAYLOAD = {"name": "Specimen Person", "record": 7}

Documents = dict[str, Any]
POLICY: Documents = {
    "format": "obelus/policy/1",
    "claim": {"regime": "per_record", "epsilon": 0.5, "delta": DELTA},
    "bounds": {"a_epsilon": 0.5, "b_epsilon": 9},
    "prices": {
        "row_gradient_s": 0.0001,
        "delete_fixed_s": 0.5,
        "retrain_fixed_s": 0.5,
        "delete_verification_s": 0,
        "retrain_verification_s": 0,
    },
}


def trust_document() -> dict[str, Any]:
    """The trust file of an auditor who knows the two keys."""
    key = note_key(name=ORIGIN, private_key=LOG_KEY)
    document: dict[str, Any] = trust_file(tree_head=[key], release=[RELEASE_KEY.public_key()])
    return document


def trust() -> Trust:
    return parse_trust(canonical_bytes(trust_document()))


def user(name: str) -> str:
    return commit(key=CASE_KEY, payload=name)


@dataclass
class Log:
    """A whole log: entries of all threads, and the proofs of one."""

    key: Ed25519PrivateKey = LOG_KEY
    entries: list[dict[str, Any]] = field(default_factory=list)

    def add(self, event: str, thread: str, body: dict[str, Any]) -> None:
        seq = sum(entry["thread"] == thread for entry in self.entries)
        at = f"2026-11-20T23:00:{len(self.entries):02d}.000000Z"
        entry = {"format": "obelus/entry/1", "at": at, "event": event, "thread": thread, "seq": seq}
        self.entries.append({**entry, "actor_role": "system", "body": body})

    def close(self, thread: str) -> None:
        self.add("thread:closed", thread, {"length": sum(entry["thread"] == thread for entry in self.entries) + 1})

    def tree(self) -> Tree:
        return Tree(leaf_hash(canonical_bytes(entry)) for entry in self.entries)

    def note(self, size: int) -> bytes:
        head = TreeHead(origin=ORIGIN, size=size, root=self.tree().root(size))
        return sign_tree_head(head, name=ORIGIN, private_key=self.key)

    def members(self, thread: str) -> dict[str, bytes]:
        leaves = [canonical_bytes(entry) for entry in self.entries]
        numbered = [(index, leaf) for index, leaf in enumerate(leaves) if self.entries[index]["thread"] == thread]
        older = self.note(len(leaves) // 2)
        return log_members(note=self.note(len(leaves)), tree=self.tree(), entries=numbered, older_notes=[older])


def sign_release(files: dict[str, bytes], key: EllipticCurvePrivateKey) -> bytes:
    """What model-signing 1.1.1 writes for these files (a test compares with the real one)."""
    resources = [
        {"name": name, "algorithm": "sha256", "digest": hashlib.sha256(data).hexdigest()}
        for name, data in sorted(files.items())
    ]
    total = hashlib.sha256(b"".join(bytes.fromhex(line["digest"]) for line in resources)).hexdigest()
    serialization = {"method": "files", "hash_type": "sha256", "allow_symlinks": False, "ignore_paths": []}
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "model", "digest": {"sha256": total}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": {"serialization": serialization, "resources": resources},
    }
    payload = json.dumps(statement, indent=2).encode()
    signed = b"DSSEv1 %d %b %d %b" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)
    signature = key.sign(signed, ECDSA(SHA256(), deterministic_signing=True))
    bundle = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": key_hint(key.public_key())}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"sig": base64.b64encode(signature).decode(), "keyid": ""}],
        },
    }
    return json.dumps(bundle, separators=(",", ":")).encode()


def ledger_before(*, sigma: float = 0.03) -> Ledger:
    """Learned in 60 steps, released."""
    problem = Problem(
        lam=0.05, beta=0.25, lipschitz=1.0, n=569, eta=3.0, sigma=sigma, features=31, classes=2, norm_bound=1.0
    )
    return Ledger(problem=problem, events=(Trained(steps=60, job=TRAIN), Released(release="rel_" + "d" * 32)))


def ledger(*, sigma: float = 0.03) -> dict[str, Any]:
    """The same after a deletion at the second attempt."""
    deletion = (
        Deleted(records=FORGOTTEN, batch=DELETE),
        DrawDiscarded(attempt=1, cause="crash"),
        Steps(steps=STEPS, job=DELETE),
    )
    return ledger_before(sigma=sigma).then(*deletion).to_dict()


def other_ledger() -> dict[str, Any]:
    """A second model that learned from the same people: released, and nobody has been deleted from it yet."""
    events = (Trained(steps=40, job=OTHER_TRAIN), Released(release="rel_" + "e" * 32))
    return Ledger(problem=ledger_before(sigma=0.05).problem, events=events).to_dict()


def other_line() -> dict[str, Any]:
    digest = digest_json(other_ledger())
    return {"model": "mdl_" + "4" * 32, "ledger": digest, "group": 1, "batch": None, "ended": False}


def certificate(*, behind: dict[str, Any], spec: str) -> dict[str, Any]:
    own = price(Ledger.from_dict(behind), delta=DELTA, group=1, batch=None)
    found = own.to_json()
    a, b = line_bounds(other_ledger(), group=1, batch=None)
    return {
        "format": "obelus/certificate/2",
        "a_all_models": numbers_of(jointly([own.a, a]), delta=DELTA),
        "b_all_models": numbers_of(jointly([own.b, b]), delta=DELTA),
        "other_models": [other_line()],
        "rung": "unlearned_certified",
        "adjacency": found["adjacency"],
        "assumption": found["assumption"],
        "delta": DELTA,
        **{name: {key: found[name][key] for key in ("mu", "epsilon")} for name in ("a", "b", "b_before")},
        "group": 1,
        "assumptions": ["execution attested", "real-number noise assumed"],
        "limits": ["does not hide that somebody asked"],
        "ledger": digest_json(behind),
        "spec": spec,
    }


def spec(job: str, engine: str, params: dict[str, Any], forget: list[int] | None = None) -> dict[str, Any]:
    dataset = {"path": "inputs/dataset.parquet", "digest": digest(b"dataset")}
    return {
        "format": "obelus/spec/1",
        "job": job,
        "engine": engine,
        "params": params,
        "inputs": {"dataset": dataset},
        "manifests": {"forget": {"dataset": forget}} if forget else {},
    }


def result(job: str, engine: str) -> dict[str, Any]:
    answer = {"format": "obelus/result/1", "job": job, "engine": engine, "status": "done", "outputs": {}}
    return {**answer, "code": None, "message": None, "remedy": None, "elapsed_s": 0.5}


def measurements() -> dict[str, Any]:
    line = {"name": "canary", "arm": "candidate", "budget": 0.02, "tier": "open", "successes": 1, "trials": 12}
    return {"format": "obelus/measurements/1", "measurements": [{**line, "value": None, "per_record": None}]}


def plan_inputs() -> PlanInputs:
    prices = PriceList(**POLICY["prices"])
    counts = {"batch_rows": FORGOTTEN, "rows_per_person": 1, "steps_learn": 60}
    bounds = {"cap_epsilon": POLICY["bounds"]["b_epsilon"], "prices": prices}
    return PlanInputs(ledger=ledger_before(), **counts, **POLICY["claim"], **bounds)


def plan() -> dict[str, Any]:
    return Plan.made(plan_inputs()).to_dict()


def snapshots() -> dict[str, Any]:
    leaves = [
        snapshot_leaf(
            rid=hashlib.sha256(b"rid%d" % row).digest()[:16],
            salt=hashlib.sha256(b"salt%d" % row).digest(),
            content_digest=hashlib.sha256(b"row%d" % row).digest(),
        )
        for row in range(16)
    ]
    old, new = Snapshot(leaves), Snapshot(leaves[FORGOTTEN:])
    absences = [new.prove_absence(leaf.rid) for leaf in leaves[:FORGOTTEN]]
    presences = [old.prove_presence(leaf.rid) for leaf in leaves[:FORGOTTEN]]
    return snapshot_document(old=old.head, new=new.head, absences=absences, presences=presences)


def destroyed() -> list[dict[str, str]]:
    targets = {"weights": digest(b"old"), "snapshot": "snap_" + "f" * 32, "job_folder": DELETE}
    return [{"kind": kind, "target": target} for kind, target in targets.items()]


@dataclass
class Erasure:
    """One honest erasure: change a part, and everything that depends on it follows (unless forged afterwards)."""

    log: Log = field(default_factory=Log)
    release_key: EllipticCurvePrivateKey = RELEASE_KEY
    policy: Documents = field(default_factory=lambda: POLICY)
    ledger: Documents = field(default_factory=ledger)
    weights: dict[str, bytes] = field(default_factory=lambda: {"model.safetensors": b"\x08" + bytes(7) + b'{"w":1} '})
    outcome: str = "inconclusive"
    proposer: str = "olga"
    approvers: tuple[str, ...] = ("ann", "ben")
    serving: str = ""

    def documents(self) -> Documents:
        """Every JSON member of the bundle but the log's."""
        params = {"lam": 0.05, "eta": 3.0, "sigma": 0.03, "n_0": 569, "norm_bound": 1.0, "steps": STEPS}
        delete_spec = spec(DELETE, "certified.delete", params, forget=list(range(FORGOTTEN)))
        open_tier = measurements()
        verdict = {"format": "obelus/verdict/1", "outcome": self.outcome, "policy": digest_json(self.policy)}
        documents = {
            "plan.json": plan(),
            "policy.json": self.policy,
            f"specs/{DELETE}.json": delete_spec,
            f"specs/{VERIFY}.json": spec(VERIFY, "verify.linear", {"budgets": [0, 0.02]}),
            f"results/{DELETE}.json": result(DELETE, "certified.delete"),
            f"results/{VERIFY}.json": result(VERIFY, "verify.linear"),
            f"measurements/{VERIFY}.json": open_tier,
            "ledger.json": self.ledger,
            ledger_path(digest_json(other_ledger())): other_ledger(),
            "certificate.json": certificate(behind=self.ledger, spec=digest_json(delete_spec)),
            "verdict.json": {**verdict, "measurements": [digest_json(open_tier)]},
            "release/manifest.json": manifest_of_files(self.weights),
            "snapshot.json": snapshots(),
            "destruction.json": destroyed(),
        }
        documents["approvals.json"] = approvals_document(
            **_parts(documents), proposer=user(self.proposer), approvers=[user(name) for name in self.approvers]
        )
        return documents

    def members(self) -> dict[str, bytes]:
        """All members but bundle.json, with the log that recorded them."""
        documents = self.documents()
        signature = sign_release(self.weights, self.release_key)
        self.log.add("request:received", OTHER, {"count": 1})
        for event, body in self.before_release(documents):
            self.log.add(event, PLAN, body)
            if event == "attempt:started":
                self.log.add("request:received", OTHER, {"count": 1})
        for event, body in self._release(documents, digest(signature)):
            self.log.add(event, PLAN, body)
        self.log.close(PLAN)
        self.log.add("request:received", OTHER, {"count": 1})
        found = {path: canonical_bytes(document) for path, document in documents.items()}
        files = {f"release/weights/{path}": data for path, data in self.weights.items()}
        return {**found, **files, "release/model.sig": signature, **self.log.members(PLAN)}

    def before_release(self, documents: Documents) -> list[tuple[str, dict[str, Any]]]:
        return _before_release(documents)

    def _release(self, documents: Documents, signature: str) -> list[tuple[str, dict[str, Any]]]:
        parts = _parts(documents)
        approved = {
            "release": digest_json(documents["release/manifest.json"]),
            "approval_digest": approval_digest(**parts),
        }
        published = {"weights": parts["candidate"], "signature": signature, "certificate": parts["certificate"]}
        items = documents["destruction.json"]
        gone = {"items": len(items), "list": digest_json(items), "snapshot": digest_json(documents["snapshot.json"])}
        return [
            ("release:proposed", approved),
            *(("release:approved", {**approved, "approver": user(name)}) for name in self.approvers),
            ("release:published", {"release": approved["release"], **published}),
            ("deployment:reported", {"deployment": "dep_" + "e" * 32, "weights": self.serving or parts["candidate"]}),
            ("destruction:completed", gone),
            ("certificate:effective", {"certificate": parts["certificate"], "at": "2026-11-20T23:30:00Z"}),
        ]


def _parts(documents: Documents) -> dict[str, str]:
    named = {name: digest_json(documents[f"{name}.json"]) for name in ("certificate", "policy", "verdict")}
    return {"candidate": digest_json(documents["release/manifest.json"]), **named}


def _before_release(documents: Documents) -> list[tuple[str, dict[str, Any]]]:
    first, second = {"job": DELETE, "attempt": 1}, {"job": DELETE, "attempt": 2}
    check = {"job": VERIFY, "attempt": 1}
    digests = {path: digest_json(document) for path, document in documents.items()}
    run = {"spec": digests[f"specs/{DELETE}.json"]}
    look = {"spec": digests[f"specs/{VERIFY}.json"]}
    made = {"ledger": digests.get("ledger.json"), "weights": digests["release/manifest.json"]}
    seen = {"measurements": digests[f"measurements/{VERIFY}.json"], "sealed": commit(key=CASE_KEY, payload=[1, 0])}
    return [
        ("policy:fixed", {"policy": digests["policy.json"]}),
        ("plan:confirmed", {"plan": digests["plan.json"], "proposer": documents["approvals.json"]["proposer"]}),
        ("attempt:started", {**first, **run}),
        ("attempt:ended", {**first, "outcome": "retryable", "cause": "crash", "seen": False}),
        ("attempt:started", {**second, **run}),
        ("attempt:ended", {**second, "outcome": "done", "cause": None, "seen": False}),
        ("job:recorded", {**second, **run, "result": digests[f"results/{DELETE}.json"], **made}),
        ("attempt:started", {**check, **look}),
        ("job:recorded", {**check, **look, "result": digests[f"results/{VERIFY}.json"], **seen}),
        (
            "verdict:reached",
            {"verdict": digests["verdict.json"], "outcome": documents["verdict.json"]["outcome"], "attempts": 3},
        ),
        ("certificate:issued", {"certificate": digests["certificate.json"]}),
    ]


def receipt_members() -> dict[str, bytes]:
    """One person's receipt: the request's own thread, and the opening of its first entry."""
    log = Log()
    log.add("request:received", OTHER, {"count": 1})
    log.add("request:received", REQUEST, {"subject": commit(key=PERSONS_KEY, payload=PAYLOAD)})
    log.add("request:fulfilled", REQUEST, {"outcome": "erased"})
    log.close(REQUEST)
    opening = {"index": 1, "field": "subject", "key_hex": PERSONS_KEY.hex(), "payload": PAYLOAD}
    return {**log.members(REQUEST), "openings.json": canonical_bytes([opening])}


def job_members() -> dict[str, bytes]:
    """A noop on its own: a crash, then a result."""
    documents = {
        f"specs/{NOOP}.json": canonical_bytes(spec(NOOP, "noop", {"steps": 3, "pause_s": 0.25})),
        f"results/{NOOP}.json": canonical_bytes(result(NOOP, "noop")),
    }
    run = {"job": NOOP, "spec": digest(documents[f"specs/{NOOP}.json"])}
    log = Log()
    log.add("attempt:started", NOOP, {**run, "attempt": 1})
    ended = {"job": NOOP, "attempt": 1, "outcome": "retryable", "cause": "lease_lost", "seen": False}
    log.add("attempt:ended", NOOP, ended)
    log.add("attempt:started", NOOP, {**run, "attempt": 2})
    log.add("job:recorded", NOOP, {**run, "attempt": 2, "result": digest(documents[f"results/{NOOP}.json"])})
    log.close(NOOP)
    return {**documents, **log.members(NOOP)}


KINDS = {"erasure": PLAN, "receipt": REQUEST, "job": NOOP}


def listed(members: dict[str, bytes], kind: str) -> dict[str, bytes]:
    """The members with a bundle.json that fits them: what any forger can do."""
    others = {path: data for path, data in members.items() if path != INDEX}
    index = {"format": "obelus/bundle/1", "kind": kind, "thread": KINDS[kind], "members": member_lines(others)}
    return {**others, INDEX: canonical_bytes(index)}


def honest_members(kind: str) -> dict[str, bytes]:
    makers = {"erasure": lambda: Erasure().members(), "receipt": receipt_members, "job": job_members}
    return makers[kind]()


def honest_bundle(kind: str) -> bytes:
    return bundle_bytes(kind=kind, thread=KINDS[kind], members=honest_members(kind))  # type: ignore[arg-type]
