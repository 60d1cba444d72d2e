"""The tokenizer of a language model: a public object, or none, and then its engine learns one from public words.

A vocabulary learned from people would be a trace of them that no unlearning touches (decision 0027), so it is never
learned from a dataset, and whoever gives one answers for its being public. The trail names it by its digest.
"""

from typing import Any

from evidence.canonical import CanonicalError, canonical_bytes
from governance.errors import Invalid, NotFound
from governance.lineage.models import TrainedModel
from governance.objects.store import hold, open_path, put_bytes

FORMAT = "obelus/tokenizer/1"
INPUT = "tokenizer"


def public_tokenizer(given: dict[str, Any] | str | None, *, engine: str, owner: str) -> dict[str, str]:
    """{"tokenizer": digest} of a document, or of one that a model here has by its digest; empty where none is given.

    Raises:
        Invalid: bad_tokenizer: no such document, or an engine that takes none. NotFound: no model here has it.
    """
    if given is None:
        return {}
    if not engine.startswith("language."):
        raise Invalid(f"Engine {engine!r} takes no tokenizer.", code="bad_tokenizer", remedy="Leave it out.")
    if isinstance(given, str):
        return {INPUT: known(given)}
    if given.get("format") != FORMAT or not isinstance(given.get("tokenizer"), dict):
        raise Invalid(
            f"A tokenizer is a document of format {FORMAT} with a fast tokenizer's JSON in it.",
            code="bad_tokenizer",
            remedy="Write it with unlearning.language.tokenizers.save_tokenizer.",
        )
    try:
        digest = put_bytes(canonical_bytes(given), owner=owner)
    except CanonicalError as error:
        raise Invalid("The tokenizer holds a number or text that JSON cannot.", code="bad_tokenizer") from error
    hold(digest)
    return {INPUT: digest}


def known(digest: str) -> str:
    """Not any object of the store: another's data must not come in under the name of a tokenizer."""
    if not TrainedModel.objects.filter(public_inputs__contains={INPUT: digest}).exists():
        raise NotFound(f"No model here has a tokenizer {digest}.", remedy="Send the document itself.")
    open_path(digest)
    return digest
