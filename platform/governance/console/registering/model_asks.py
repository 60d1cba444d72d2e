"""The questions about a model of each kind: its name and data, what verification needs, and its constants."""

from dataclasses import dataclass

from django.db.models import QuerySet

from governance.console.choices import Options, worded
from governance.console.registering.asking import Ask
from governance.console.registering.constants import constants
from governance.console.registering.suggesting import CERTIFIED, DELTA, EPSILON
from governance.console.wording import short
from governance.console.work_words import ENGINES
from governance.lineage.models import Base, Dataset, DatasetKind, Snapshot, TrainedModel
from governance.lineage.tokenizers import INPUT
from unlearning.catalog import engine_spec

KINDS = ENGINES
WHEN = {
    "certified.train": "For tables. Erasure is cheap and comes with a certificate: two numbers per person.",
    "train.plain": "For tables. No noise and no certificate: erasure is retraining.",
    "classifier.train": "For tables and pictures. Erasure by a method that an attack then judges, or by retraining.",
    "language.train": "For prompts with answers. Erasure by a method, by dropping an adapter, or by retraining.",
    "generator.train": "For pictures. Erasure is retraining.",
    "recipe": "For anything that your own command trains. Erasure is retraining.",
}
NAME = Ask(
    name="name",
    label="What shall the model be called?",
    required=True,
    longest=120,
    help="Everybody with a role reads it, and so do certificates: no name of a person.",
)
HOME = Ask(name="dataset", label="Which dataset does it learn from?", shape="choice", required=True)
HOLDOUT = Ask(
    name="holdout",
    label="Which rows is it never to see?",
    shape="choice",
    help="People who consented to be tested on and are in no model, as a dataset of their own: verification compares "
    "with them. Without them a verdict on erasure may be out of reach.",
)
BASE = Ask(
    name="base",
    label="Does it start from a base?",
    shape="choice",
    help="Each training and retraining then starts from it. Sizes and tokenizer are the base's.",
)
TOKENIZER = Ask(
    name="tokenizer",
    label="A tokenizer of its own",
    shape="file",
    accept=".json",
    more=True,
    help="A public document of format obelus/tokenizer/1, of at most 2 MB. Left empty: learned from public words.",
)
SHARED = Ask(
    name="tokenizer_digest",
    label="Or the tokenizer of another model here",
    shape="choice",
    more=True,
)
CAP = (
    Ask(
        name="cap_epsilon",
        label="Most that all releases together may tell of a person (epsilon)",
        shape="number",
        more=True,
        help="The cap on B. At the cap publishing is refused, deletion never. Left empty: the policy of the first "
        "proposal may fix one; policies are fixed by a privacy officer, and chosen when a plan is proposed.",
    ),
    Ask(name="cap_delta", label="Save with which chance (delta)", shape="number", more=True, help="For example 1e-5."),
)
# Those that go to the API as they are.
PLAIN = ("name", "dataset", "holdout", "base", "tokenizer_digest")


@dataclass(frozen=True)
class Kind:
    engine: str
    words: str
    when: str
    sentence: str


def kinds(rows: str = "") -> list[Kind]:
    """All of them, or those that learn from rows of this kind."""
    fitting = {name: words for name, words in sorted(KINDS.items()) if rows in ("", kind_of(name))}
    return [Kind(name, words, WHEN[name], engine_spec(name).sentence) for name, words in fitting.items()]


def kind_of(engine: str) -> str:
    return DatasetKind.TEXTS.value if engine.startswith("language.") else DatasetKind.FEATURES.value


def asks(engine: str) -> list[Ask]:
    found = [NAME, HOME.offering(homes(engine)), HOLDOUT.offering(unseen(engine))]
    if kind_of(engine) == DatasetKind.TEXTS:
        found.append(BASE.offering([(row.ref, row.name) for row in bases()]))
    fixed = constants(engine)
    if engine == CERTIFIED:
        at = next(place for place, ask in enumerate(fixed) if ask.name == "eta")
        fixed = [*fixed[:at], EPSILON, DELTA, *fixed[at:], *CAP]
    found += fixed
    if kind_of(engine) == DatasetKind.TEXTS:
        found += [TOKENIZER, SHARED.offering(tokenizers())]
    return found


def homes(engine: str) -> Options:
    rows = Dataset.objects.filter(kind=kind_of(engine)).order_by("name")
    return [(row.ref, f"{row.name} ({row.feature_width} numbers)" if row.feature_width else row.name) for row in rows]


def unseen(engine: str) -> Options:
    """Versions of datasets that no model here learns from."""
    learned = TrainedModel.objects.exclude(dataset=None).values("dataset")
    found = Snapshot.objects.filter(destroyed_at=None, dataset__kind=kind_of(engine))
    return worded(found.exclude(dataset__in=learned))


def bases() -> QuerySet[Base]:
    return Base.objects.filter(status=Base.Status.REGISTERED).order_by("name")


def tokenizers() -> Options:
    rows = TrainedModel.objects.filter(public_inputs__has_key=INPUT).order_by("name")
    return list({row.public_inputs[INPUT]: f"{row.name} ({short(row.public_inputs[INPUT])})" for row in rows}.items())
