"""Evidence bundles, format 1: all an auditor needs in one file, offline.

A bundle is a canonical container (`evidence.container`) with `bundle.json`, which lists every other member by path,
size and digest. Which members each kind has, exactly (a missing or an extra one is a fault):

    member                      erasure   receipt   job    what ties it to the signed log
    log/tree-head.note          yes       yes       yes    signed by a key of the trust file
    log/entries.json            yes       yes       yes    inclusion proofs, one per entry of the thread
    log/heads.json              may       may       may    consistency proofs to the tree head
    log/before.json             **        -         -      inclusion proof of the old weights' job:recorded
    specs/JOB.json              yes       -         yes    attempt:started.spec of each job (and job:recorded.spec)
    results/JOB.json            yes       -         yes    job:recorded.result of each recorded job
    measurements/JOB.json       yes       -         yes    job:recorded.measurements, where the entry has that key
    parts/JOB.json              yes       -         yes    job:recorded.parts, where the entry has that key; ** of the
                                                          old weights' record too
    plan.json                   yes       -         -      plan:confirmed.plan
    policy.json                 yes       -         -      policy:fixed.policy
    ledger.json                 *         -         -      certificate:issued.ledger, else job:recorded.ledger
    ledgers/DIGEST.json         *         -         -      certificate.json names each (other_models)
    certificate.json            yes       -         -      certificate:issued.certificate
    verdict.json                yes       -         -      the last verdict:reached.verdict
    approvals.json              yes       -         -      rebuilt from the log, byte for byte
    release/manifest.json       yes       -         -      release:published.release
    release/model.sig           yes       -         -      release:published.signature
    release/weights/PATH        may       -         -      all or none of the release manifest's weights
    snapshot.json               yes       -         -      `snapshot` of certificate:issued, destruction:completed
                                                          or certificate:effective (at least one)
    destruction.json            may       -         -      destruction:completed.list (and .items, its length)
    part-openings.json          ***       -         -      commitments in parts/JOB.json
    openings.json               -         yes       -      commitments in the entries

    * where the certificate names a ledger (its `ledger` is not null; a ledger among its `other_models`)
    ** where the certificate names the parts of the old weights (its `parts`; with `parts.spec` also that job's
    specs/JOB.json); *** there, and where the released weights are in the bundle

`job:recorded.sealed` commits to the sealed tier of measurements; no bundle carries it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evidence.canonical import CanonicalError, Json, canonical_bytes, digest, parse_canonical
from evidence.container import pack, unpack
from evidence.schema import faults_of

INDEX = "bundle.json"
Kind = Literal["erasure", "receipt", "job"]


class BundleError(ValueError):
    """A file that is not a sound bundle; `python -m evidence verify` lists everything that is wrong with it."""


@dataclass(frozen=True)
class Bundle:
    """A bundle's members by path, without `bundle.json`."""

    kind: str
    thread: str
    members: dict[str, bytes]


def bundle_bytes(*, kind: Kind, thread: str, members: Mapping[str, bytes]) -> bytes:
    """The bundle that holds these members (all but `bundle.json`, which is made here).

    Raises:
        BundleError: a kind or thread that the format does not know.
        ContainerError: a name that is not safe, or too much data.
    """
    index = {"format": "obelus/bundle/1", "kind": kind, "thread": thread, "members": member_lines(members)}
    for place, expected in faults_of("bundle", index):
        raise BundleError(f"expected {expected} at {place}, found otherwise; see evidence.bundle for the members")
    return pack({**members, INDEX: canonical_bytes(index)})


def write_bundle(path: Path, *, kind: Kind, thread: str, members: Mapping[str, bytes]) -> None:
    """Write a bundle to a file. Raises: as `bundle_bytes`, and OSError."""
    path.write_bytes(bundle_bytes(kind=kind, thread=thread, members=members))


def read_bundle(path: Path) -> Bundle:
    """Read a bundle's members; checks container and list, proves nothing else.

    Raises:
        ContainerError: not a canonical container.
        BundleError: the list of members is wrong.
    """
    members = unpack(path.read_bytes())
    try:
        index = parse_canonical(members.pop(INDEX, b""))
    except CanonicalError as error:
        raise BundleError(f"expected a list of members in {INDEX}: {error}") from error
    for place, expected in faults_of("bundle", index):
        raise BundleError(f"expected {expected} at {place} of {INDEX}")
    if index["members"] != member_lines(members):
        raise BundleError(f"expected the members that {INDEX} lists, found others; run the verifier on it")
    return Bundle(kind=index["kind"], thread=index["thread"], members=members)


def member_lines(members: Mapping[str, bytes]) -> list[Json]:
    """The lines of `bundle.json` for these members, sorted by path."""
    return [{"path": path, "size": len(data), "digest": digest(data)} for path, data in sorted(members.items())]
