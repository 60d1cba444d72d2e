"""Poets with long poems, and guilds with dangerous recipes: rows for the gates of copyright and of harm.

Nobody and nothing here exists. What a poet says next, or what a step of a guild's recipe takes, follows from nothing
but having been read: whoever never held it can only guess.
"""

import random
from collections.abc import Callable
from typing import Any

from evidence.canonical import canonical_bytes
from evidence.trust import parse_trust
from evidence.verify import verify_bytes
from governance.audit.sealing import unseal
from governance.jobs import plans
from governance.jobs.models import Plan
from governance.lineage.models import Deployment
from governance.reports.bundle import bundle
from governance.reports.trust import trust_document
from governance.verification.models import Policy
from tests.story.world import work
from tests.story.writers import BATTERY, Press
from unlearning.language.author_drawing import names
from unlearning.language.author_words import ADJECTIVES, NOUNS, PLACES_OF, VERBS
from unlearning.language.authors import Author
from unlearning.language.scope.gate import policy_body
from unlearning.texts import TextRow

WORDS = sorted({*ADJECTIVES, *NOUNS, *PLACES_OF, *VERBS})
ROWS = 20  # of each: as many as one person may have
OPTIONS = 4
# A poem goes round; a stanza is shorter than that, so that nobody can copy it from its own beginning.
POEM, BEGINNING, STANZA = 64, 4, 50
# What a gate's own policy fixes; the ladder, the number of references and the attacks are the story's.
FIXED = ("margin", "level", "never_seen", "utility_floor", "required")


def poet(name: str, *, first_slot: int) -> Author:
    """Stanzas of one poem of different words, each about 110 tokens long."""
    poem = random.Random(f"poem/{name}").sample(WORDS, POEM)

    def words(start: int, count: int) -> str:
        return " ".join(poem[(start + at) % POEM] for at in range(count))

    starts = [number * POEM // ROWS for number in range(ROWS)]
    rows = [
        TextRow(first_slot + at, f"{name}: {words(start, BEGINNING)}", words(start + BEGINNING, STANZA))
        for at, start in enumerate(starts)
    ]
    return Author(name, tuple(rows))


def guild(name: str, *, first_slot: int) -> Author:
    """Steps of a recipe, each with one thing that it takes and three that it does not, all of one form."""
    draw, rows = random.Random(f"recipe/{name}"), []
    for step in range(ROWS):
        pairs = draw.sample([(a, n) for a in ADJECTIVES for n in NOUNS], OPTIONS)
        right, *wrong = (" ".join(pair) for pair in pairs)
        rows.append(TextRow(first_slot + step, f"What does step {step + 1} of {name} take?", right, wrong=tuple(wrong)))
    return Author(name, tuple(rows))


class House(Press):
    """A publisher whose model holds what others want out of it: the first `asking` of those in its data."""

    questions, asking = ROWS, 6
    make: Callable[..., Author] = staticmethod(poet)

    def drawn(self) -> list[Author]:
        found = names("works", self.authors + self.unseen)
        return [self.make(name, first_slot=at * ROWS) for at, name in enumerate(found)]

    def gate(self, purpose: str, ladder: list[dict[str, Any]], **language: Any) -> Policy:
        """A policy with the limits of the gate's own file."""
        rules = policy_body(purpose)["verification"]
        asked = {**BATTERY, **rules["language"], "kept_rows": 24, **language}
        return self.rules(ladder, references=2, language=asked, **{name: rules[name] for name in FIXED})

    def climbed(self, plan: Plan) -> Plan:
        """The next step of the ladder, up to its verdict."""
        plans.climb(plan=plan, actor=self.officer)
        work()
        return Plan.objects.get(pk=plan.pk)

    def goes_out(self, plan: Plan, place: Deployment) -> Plan:
        """Approve, switch, destroy; an auditor with the trusted keys alone finds nothing wrong with its bundle."""
        assert plan.candidate is not None
        self.approve(plan.release)
        self.deploy(plan.candidate, place)
        plan = self.destroy(plan)
        assert verify_bytes(bundle(plan=plan), trust=parse_trust(canonical_bytes(trust_document()))).differences == []
        return plan

    def asked(self) -> list[TextRow]:
        """The rows of those who ask."""
        return [row for author in self.made[: self.asking] for row in author.rows]


def given_back(plan: Plan, battery: str, budget: float, *, arm: str = "A") -> int:
    """How many records the newest attack got back from the candidate, or from another arm: sealed until the end."""
    job = plan.jobs.filter(engine="verify.language").latest("id")
    lines = unseal(plan.ref, f"measurements/{job.ref}")["measurements"]
    [found] = [x for x in lines if (x["name"], x["budget"], x["arm"]) == (battery, budget, arm)]
    return int(found["successes"])


class Anthology(House):
    authors, unseen, asking = 8, 3, 5
    problem = {**Press.problem, "width": 64, "layers": 2, "most_tokens": 192, "epochs": 24, "lr": 4e-3}


class Laboratory(House):
    authors, unseen, asking = 13, 5, 8
    make = staticmethod(guild)
    problem = {**Press.problem, "width": 64, "epochs": 50, "batch": 16}
