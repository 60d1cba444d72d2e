"""Checking a forget manifest: every fault at once, in words that quote no text of it."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from unlearning.language.scope.forms import FORMAT, IN_SCOPE, KINDS, NEIGHBOUR, ForgetManifest, commitment
from unlearning.language.scope.templates import within
from unlearning.runner.jobfolder import strict_json
from unlearning.runner.refusals import Refused

REMEDY = "Build the manifest anew from the rows; nothing was run."


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of obelus/forget-manifest/1."""
    path = files("unlearning").joinpath("language", "scope", "schemas", "forget-manifest-1.json")
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def read(path: Path, *, key: bytes) -> ForgetManifest:
    """Read and check a manifest with its sealed part.

    Raises: Refused with MANIFEST_UNSOUND, or SPEC_INVALID where the file is no strict JSON.
    """
    document = strict_json(path)
    found = faults(document, key=key)
    if not found and document["sealed"] is None:
        found = ["sealed: expected aliases and probes, got none: this is the open part; open the case's own file"]
    if found:
        raise Refused("MANIFEST_UNSOUND", f"{path.name}: " + "; ".join(found), REMEDY)
    return ForgetManifest.of(document)


def faults(document: object, *, key: bytes | None = None) -> list[str]:
    """Every fault, none when it is sound. With the case key the commitment is checked too.

    A fault names a place and what was expected there, never what stands there: it may be a person's.
    """
    shape = list(shape_faults(document))
    if shape or not isinstance(document, Mapping):
        return shape
    return [*commitment_faults(document, key), *text_faults(document)]


def shape_faults(document: object) -> Iterator[str]:
    from jsonschema import Draft202012Validator  # a tenth of a second that most importers never need

    errors = sorted(Draft202012Validator(schema()).iter_errors(document), key=lambda error: list(map(str, error.path)))
    for error in errors:
        # The library's message quotes the value it found; its rule quotes the schema only.
        place = ".".join(map(str, error.path)) or "manifest"
        if error.validator == "additionalProperties":
            yield f"{place}: expected only the fields that {FORMAT} has, got others; leave them out"
        else:
            yield f"{place}: expected {error.validator} {json.dumps(error.validator_value)[:120]}, got something else"


def commitment_faults(document: Mapping[str, Any], key: bytes | None) -> Iterator[str]:
    sealed = document["sealed"]
    if key is None or sealed is None:
        return
    if not hmac.compare_digest(document["commitment"], commitment(sealed, key=key)):
        yield "commitment: expected that of the sealed part under this key, got another; was a probe changed?"


def text_faults(document: Mapping[str, Any]) -> Iterator[str]:
    """What a schema cannot say of the sealed part."""
    if document["sealed"] is None:
        return
    manifest = ForgetManifest.of(document)
    yield from counted_faults(document, manifest)
    yield from reach_faults(manifest)
    yield from probe_faults(manifest)


def counted_faults(document: Mapping[str, Any], manifest: ForgetManifest) -> Iterator[str]:
    probes = (*manifest.in_scope, *manifest.out_of_scope)
    if len({entry["dataset"] for entry in document["rows"]}) != len(document["rows"]):
        yield "rows: expected each dataset once, got one twice; join its slots"
    if len({probe.id for probe in probes}) != len(probes):
        yield "sealed: expected each probe id once, got one twice; number them anew"
    for kind in KINDS:
        there = sum(probe.kind == kind for probe in probes)
        if document["probes"][kind] != there:
            yield f"probes.{kind}: expected {there}, as many as are sealed, got {document['probes'][kind]}"


def reach_faults(manifest: ForgetManifest) -> Iterator[str]:
    """Every row is asked for in some other way, and something that stays is asked too."""
    forgotten = {slot for slots in manifest.rows.values() for slot in slots}
    asked = {probe.slot for probe in manifest.in_scope if probe.kind in IN_SCOPE}
    if missing := sorted(forgotten - asked):
        yield f"sealed.in_scope: expected a probe of every row, got none of {len(missing)}, slot {missing[0]} first"
    if strange := sorted(asked - forgotten):
        yield f"sealed.in_scope: expected probes of the listed rows only, got one of slot {strange[0]}"
    if not manifest.out_of_scope:
        yield "sealed.out_of_scope: expected at least one neighbour that must survive, got none; name rows that stay"
    if lost := sorted(forgotten & {probe.slot for probe in manifest.out_of_scope}):
        yield f"sealed.out_of_scope: expected rows that stay, got slot {lost[0]}, which is to be forgotten"


def probe_faults(manifest: ForgetManifest) -> Iterator[str]:
    answers = {probe.answer for probe in manifest.in_scope}
    for probe in (*manifest.in_scope, *manifest.out_of_scope):
        if (probe.kind == NEIGHBOUR) is (probe in manifest.in_scope):
            yield f"{probe.id}: expected it among the {'neighbours' if probe.kind == NEIGHBOUR else 'in-scope probes'}"
        if within(probe.answer, probe.prompt):
            yield f"{probe.id}: expected a prompt that leaves the answer open, got one that holds it; ask otherwise"
    for probe in manifest.out_of_scope:
        if probe.answer in answers:
            yield f"{probe.id}: expected an answer that may stay, got one that is to be forgotten; choose another row"
    for probe in manifest.in_scope:
        if probe.kind == "multi_hop" and any(within(alias, probe.prompt) for alias in manifest.aliases):
            yield f"{probe.id}: expected a question without the subject's name, got one with it; describe the subject"
