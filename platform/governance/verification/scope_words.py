"""What a gate asks beyond the rows of a request, in the words of certificates and reports."""

from typing import Any

from governance.verification.measurement_words import WORDS
from unlearning.catalog import scope_rules


def asked_beyond(rules: dict[str, Any]) -> list[str]:
    """What the gate that a policy's rules name asks, in words and in its file's order; empty where none is named."""
    gate = rules.get("language", {}).get("scope")
    return [] if gate is None else list(dict.fromkeys(WORDS[rule["battery"]] for rule in scope_rules(gate)))


def scope_limits(rules: dict[str, Any]) -> list[str]:
    """For a certificate: which probes were asked and how they are judged, and that no other wording was asked."""
    asked = asked_beyond(rules)
    if not asked:
        return []
    return [
        f"Beyond the rows it asked what the gate of {rules['language']['scope']} lists: {'; '.join(asked)}. The "
        "wordings are templates, the same for everybody; another wording was not tried. The gate's own limits hold for "
        "rows that stay, for passages and for options; for all else it is the policy's margin of "
        f"{rules['margin']:.0%}. A row of which a probe could not be made was not asked in that way, and a probe that "
        "could not see the rows in the old model either shuts nothing unless the gate requires it. Where so few rows "
        "could be asked in a way that nothing could have been seen, the verdict says in which and how many it takes; "
        "unless that way is required, the verdict passed over it."
    ]
