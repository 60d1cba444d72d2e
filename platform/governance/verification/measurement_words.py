"""What a measurement is called where people read it: in the report, and wherever the console shows one."""

WORDS = {
    "utility.accuracy": "right answers on people in no model",
    "uma": "label given back",
    "uma.minimum": "smallest budget that gave the label back",
    "witness.accused": "witness of noise and steps (1: accused, 0: as claimed)",
    "membership.loss": "telling members from strangers by their loss",
}
PLANTED = "canary."


def measurement_words(name: str) -> str:
    """A measurement's name in plain words; never its raw, dotted name, also where it is not known here yet.

    The attack's norm and target stand above the table, so they are left out of each line.
    """
    bare = name.removeprefix(PLANTED)
    words = WORDS.get(kind_of(bare)) or bare.replace(".", ", ").replace("_", " ")
    return f"Planted records: {words}" if bare != name else words[:1].upper() + words[1:]


def kind_of(bare: str) -> str:
    """`uma.l2.label_only.minimum` is an `uma.minimum`, whatever its norm and target."""
    parts = bare.split(".")
    if parts[0] != "uma":
        return bare
    return "uma.minimum" if parts[-1] == "minimum" else "uma"
