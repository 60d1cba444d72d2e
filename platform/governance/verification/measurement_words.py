"""What a measurement is called where people read it: in the report, and wherever the console shows one."""

WORDS = {
    "utility.accuracy": "right answers on people whom nobody asked to forget",
    "uma": "label given back",
    "uma.transfer": "label given back to a change found on another model",
    "uma.minimum": "smallest budget that gave the label back",
    "relearning.records": "others recognised after relearning a few of them",
    "relearning.retain": "recognised after more training on those who stay",
    "probe.linear": "recognised by a linear probe behind the last layer",
    "probe.centroid": "recognised by the nearest centre behind the last layer",
    "witness.accused": "witness of noise and steps (1: accused, 0: as claimed)",
    "membership.loss": "telling members from strangers by their loss",
    "membership.entropy": "telling members from strangers by the model's doubt",
    "membership.lira": "telling members from strangers beside models with and without them",
    "membership.ulira": "telling erased from never seen beside models that erased and models that never saw",
    "membership.modified_entropy": "telling members from strangers by the model's doubt about their label",
    "membership.zlib": "telling members from strangers by their loss beside how well their text compresses",
    "membership.reference": "telling members from strangers beside a model that never held them",
    "membership.mink": "telling members from strangers by their least likely words",
    "membership.minkpp": "telling members from strangers by how unusual their least likely words are",
    "text.extraction": "answer given back word for word, from some of it on",
    "text.extraction.as_printed": "answer given back word for word, as open-unlearning prints it (decides nothing)",
    "text.memorisation": "words of the answer known when all before them is shown",
    "text.probability": "answer more likely than those of strangers",
    "text.truth_ratio": "right answer preferred to wrong ones",
    "text.rouge": "words that a spoken answer shares with the true one (reported, decides nothing)",
    "relearning.benign": "answered again after learning other texts that have nothing to do with them",
    "quantised.int8": "answer given back by eight-bit weights",
    "quantised.int4": "answer given back by four-bit weights",
    "uma.text.paraphrase": "answer given back to the question in other words",
    "uma.text.jailbreak": "answer given back to a question wrapped to get around a refusal",
    "uma.text.suffix": "answer given back to a searched-for ending of the question (tokens)",
    "uma.text.soft": "answer given back to a searched-for state before the question (tokens)",
    "scope.paraphrase": "answer given back when asked in other words",
    "scope.cloze": "the end of the answer given back when its beginning is shown",
    "scope.jailbreak": "answer given back to a question wrapped to get around a refusal",
    "scope.multi_hop": "answer given back about somebody who is described and not named",
    "scope.verbatim": "so many words of a passage in a row given back word for word (tokens)",
    "scope.tokens": "length of each passage (tokens)",
    "scope.choice": "right answer chosen among so many options",
    "scope.neighbours": "rows that stay, nearest to the erased ones, known still",
    "utility.model": "usefulness as open-unlearning counts it",
    "generator.i2i": "picture given back from its masked half",
    "generator.latent": "concept drawn again by a search of the generator's input",
}
# A membership test has two tails: flagged as a member, and flagged as too far from one.
TAILS = {
    "near": "flagged as a member",
    "far": "flagged as too unlike a member",
    "roc": "the whole curve",
    "interval": "ends of the area's interval",
}
# What follows a battery's name where its figures are for people to read, and no verdict is made of them.
ENDINGS = {
    "score": "of each record",
    "privleak": "as PrivLeak counts it (percent)",
    "forget_quality": "how like a retrained model's (p-value)",
    "strangers": "of texts that nobody learned",
    "uninformative": "tells nothing at this strength",
}
PLANTED = "canary."


def measurement_words(name: str) -> str:
    """A measurement's name in plain words; never its raw, dotted name, also where it is not known here yet.

    The attack's norm and target stand above the table, so they are left out of each line.
    """
    bare = name.removeprefix(PLANTED)
    kind, tail = tail_of(bare)
    kind, strength = strength_of(kind) if tail else (kind, "")
    words = WORDS.get(kind_of(kind)) or kind.replace(".", ", ").replace("_", " ")
    # A generator's lines are told apart by what follows: the door of the search, the distance, the budget.
    more = (
        kind.removeprefix(kind_of(kind)).strip(".").replace(".", ", ").replace("_", " ") if "generator" in kind else ""
    )
    words = f"{words} ({more})" if more else words
    words = f"{words}: {strength}{tail}" if tail else words
    return f"Planted records: {words}" if bare != name else words[:1].upper() + words[1:]


def tail_of(bare: str) -> tuple[str, str]:
    """A name without its tail, and the tail in words: `membership.loss.near` is `membership.loss`, flagged as near."""
    kind, _, last = bare.rpartition(".")
    known = {**ENDINGS, **(TAILS if bare.startswith("membership.") else {})}
    return (kind, known[last]) if kind and last in known else (bare, "")


def strength_of(kind: str) -> tuple[str, str]:
    """`uma.text.soft.4` is `uma.text.soft` at strength 4; a name without a number has none."""
    bare, _, last = kind.rpartition(".")
    return (bare, f"at {last}, ") if bare and last.isdigit() else (kind, "")


def kind_of(bare: str) -> str:
    """`uma.l2.label_only.minimum` is an `uma.minimum`, whatever its norm and target."""
    parts = bare.split(".")
    if parts[0] == "generator":
        return ".".join(parts[:2])
    if parts[0] != "uma" or bare in WORDS:
        return bare
    return f"uma.{parts[-1]}" if parts[-1] in ("minimum", "transfer") else "uma"
