"""Building a forget manifest from a subject's rows, the names they go by, and rows that stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from unlearning.language.scope.forms import IN_SCOPE, NEIGHBOUR, ForgetManifest, Probe
from unlearning.language.scope.neighbours import nearest
from unlearning.language.scope.templates import probes_of, within
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow

PURPOSES = ("privacy", "copyright", "harm")


def build(
    rows: Sequence[TextRow],
    *,
    staying: Sequence[TextRow],
    request: str,
    subject: str,
    aliases: Sequence[str],
    purpose: str = "privacy",
    dataset: str = "texts",
    neighbours: int = 16,
    kinds: Sequence[str] = IN_SCOPE,
    extra: Sequence[Probe] = (),
) -> ForgetManifest:
    """The manifest of one request.

    rows: the subject's. staying: rows that must survive; the nearest become neighbours. subject: the keyed index.
    aliases: every name that the rows use; none for a text without a person. extra: in-scope probes written by hand.

    Raises: Refused with PURPOSE_UNKNOWN, NO_ROWS or ROWS_BOTH.
    """
    if purpose not in PURPOSES:
        raise Refused("PURPOSE_UNKNOWN", f"expected one of {', '.join(PURPOSES)}, got another.", "Name one of them.")
    if not rows:
        raise Refused("NO_ROWS", "expected at least one row of the subject, got none.", "Give the rows to forget.")
    if {row.slot for row in rows} & {row.slot for row in staying}:
        raise Refused("ROWS_BOTH", "some rows are both to be forgotten and to stay.", "Make the two lists disjoint.")
    # A prompt that holds its answer would measure copying.
    made = [
        probe
        for row in rows
        for probe in probes_of(row, rows, aliases)
        if probe.kind in kinds and not within(probe.answer, probe.prompt)
    ]
    return ForgetManifest(
        request=request,
        purpose=purpose,
        subject=subject,
        rows={dataset: tuple(sorted(row.slot for row in rows))},
        aliases=tuple(aliases),
        in_scope=(*made, *extra),
        out_of_scope=tuple(neighbour(row) for row in nearest(rows, staying, most=neighbours, aliases=aliases)),
    )


def neighbour(row: TextRow) -> Probe:
    return Probe(f"{row.slot}.{NEIGHBOUR}.0", NEIGHBOUR, row.slot, row.prompt, row.answer, row.wrong)


def probe_rows(manifest: ForgetManifest, kinds: Sequence[str]) -> list[TextRow]:
    """The probes of these kinds as rows that any model can be asked, numbered anew; `asked_slots` says for which row.

    Numbered anew because several probes ask for one row, and a set of rows holds each slot once.
    """
    return [
        TextRow(slot=at, prompt=probe.prompt, answer=probe.answer, paraphrase=None, restated=None, wrong=probe.wrong)
        for at, probe in enumerate(probes_in(manifest, kinds))
    ]


def asked_slots(manifest: ForgetManifest, kinds: Sequence[str]) -> list[int]:
    """For each of `probe_rows`, the slot of the row that it asks for."""
    return [probe.slot for probe in probes_in(manifest, kinds)]


def any_of(bits: Sequence[int], slots: Sequence[int]) -> Mapping[int, int]:
    """One bit per asked row: whether any way of asking gave it back. An attacker needs only one."""
    found: dict[int, int] = {}
    for bit, slot in zip(bits, slots, strict=True):
        found[slot] = max(found.get(slot, 0), bit)
    return found


def probes_in(manifest: ForgetManifest, kinds: Sequence[str]) -> list[Probe]:
    return [probe for probe in (*manifest.in_scope, *manifest.out_of_scope) if probe.kind in kinds]
