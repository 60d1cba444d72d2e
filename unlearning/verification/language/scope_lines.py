"""Beyond the rows themselves: what a gate asks of a request's scope, as measurement lines of one comparison.

The manifest is made from the deleted rows and from those that stay, and is never written: it holds people's texts.
Nothing is refused for what deleted rows hold or lack, since refusals are public: a probe that cannot be made is left
out, and a battery without probes has no line; the verdict then says that it was not measured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from unlearning.catalog import scope_rules
from unlearning.language.encoding import Template, readable
from unlearning.language.scope import measuring
from unlearning.language.scope.forms import IN_SCOPE, NEIGHBOUR, ForgetManifest, Probe
from unlearning.language.scope.people import manifest_of_batch, numbered
from unlearning.texts import TextRow
from unlearning.verification.language.arms import LanguageModels, TextComparison
from unlearning.verification.measurements import Measurement, Tier

# A row counts as given back where half of what was asked for follows, as in every attack.
GIVEN_BACK = (0.5,)
PREFIX = "scope."


@dataclass(frozen=True)
class Scope:
    """What is asked, of whom. asked, unseen: manifests of deleted and of never-seen rows, and these rows themselves."""

    models: LanguageModels
    asked: ForgetManifest
    unseen: ForgetManifest
    rows: Sequence[TextRow]
    strangers: Sequence[TextRow]
    template: Template
    tier: Tier


def scope_lines(
    models: LanguageModels, data: TextComparison, params: Mapping[str, Any], *, prefix: str, tier: Tier
) -> list[Measurement]:
    """Lines `scope.*` of everything that the gate params["scope"] asks about, for arms A, B:k, C, D:k and P.

    Raises: Refused with a code of `encode`.
    """
    batteries = dict.fromkeys(rule["battery"].removeprefix(PREFIX) for rule in scope_rules(params["scope"]))
    scope = scope_of(models, data, params, kinds=tuple(batteries), tier=tier)
    lines = [line for kind in batteries for line in ASKERS.get(kind, probed)(scope, kind)]
    return [{**line, "name": prefix + line["name"]} for line in lines]


def scope_of(
    models: LanguageModels, data: TextComparison, params: Mapping[str, Any], *, kinds: Sequence[str], tier: Tier
) -> Scope:
    """Rows are numbered anew, since those of several inputs may share their slots."""
    template, lm = cast(Template, data.template), models.candidate
    rows = numbered(data.deleted.rows, first=0)
    stay = numbered(data.retained.rows, first=len(rows))
    strangers = numbered(data.unseen.rows, first=len(rows) + len(stay))
    ways = [kind for kind in kinds if kind in IN_SCOPE]
    near = params["neighbours"] if NEIGHBOUR + "s" in kinds else 0
    asked = manifest_of_batch(rows, staying=stay, neighbours=near, kinds=ways)
    unseen = manifest_of_batch(strangers, staying=stay, neighbours=0, kinds=ways)
    fits = Fitting(lm.tokenizer, template, measuring.longest(lm))
    return Scope(models, fits.manifest(asked), fits.manifest(unseen), rows, strangers, template, tier)


@dataclass(frozen=True)
class Fitting:
    """A question that is longer than the model reads, or steers its chat, cannot be asked."""

    tokenizer: Any
    template: Template
    longest: int

    def manifest(self, found: ForgetManifest) -> ForgetManifest:
        return replace(found, in_scope=self.of(found.in_scope), out_of_scope=self.of(found.out_of_scope))

    def of(self, probes: Sequence[Probe]) -> tuple[Probe, ...]:
        return tuple(probe for probe in probes if self.holds(probe.prompt, probe.answer))

    def holds(self, prompt: str, *answers: str) -> bool:
        return readable(self.tokenizer, prompt, *answers, template=self.template, most_tokens=self.longest)


def probed(scope: Scope, kind: str) -> list[Measurement]:
    """Another way of asking. Without never-seen probes there are no arms C and D, and references are the control."""
    if not any(probe.kind == kind for probe in scope.asked.in_scope):
        return []
    return measuring.probe_lines(
        scope.models, scope.asked, scope.unseen, kind=kind, template=scope.template, tier=scope.tier, budgets=GIVEN_BACK
    )


def verbatim(scope: Scope, kind: str) -> list[Measurement]:
    return measuring.verbatim_lines(scope.models, scope.rows, scope.strangers, template=scope.template, tier=scope.tier)


def choices(scope: Scope, kind: str) -> list[Measurement]:
    """Questions with as many options as most of the deleted ones have; others cannot be counted with them."""
    fits = Fitting(scope.models.candidate.tokenizer, scope.template, measuring.longest(scope.models.candidate))
    counts = Counter(len(row.wrong) for row in scope.rows if row.wrong)
    if not counts:
        return []
    usual = max(counts, key=lambda count: (counts[count], count))
    rows, strangers = (
        [row for row in some if len(row.wrong) == usual and fits.holds(row.prompt, row.answer, *row.wrong)]
        for some in (scope.rows, scope.strangers)
    )
    if not rows:
        return []
    return measuring.choice_lines(scope.models, rows, strangers, template=scope.template, tier=scope.tier)


def neighbours(scope: Scope, kind: str) -> list[Measurement]:
    if not scope.asked.out_of_scope:
        return []
    return measuring.neighbour_lines(scope.models, scope.asked, template=scope.template)


ASKERS: dict[str, Callable[[Scope, str], list[Measurement]]] = {
    "verbatim": verbatim,
    "choice": choices,
    "neighbours": neighbours,
}
