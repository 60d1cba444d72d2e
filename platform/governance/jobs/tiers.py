"""What a job brought back, apart: what everybody may read, and what was measured on deleted rows."""

from typing import Any

from evidence.unproved_families import BY_UNLEARNING, EXACT, FAMILIES, LANGUAGE, RETRAINS_ADAPTER

# Of an engine that unlearns without a proof these outputs are known before it looks at a row to forget. All others are
# sealed, whatever they are called: where such a run stopped, and why, says how well the model knew those rows.
PUBLIC = frozenset(
    {
        *("method", "params", "seed", "global_batch", "data_order", "planned_steps", "search_grid"),
        *("forgotten", "rows", "holdout", "requests"),
    }
)
# Of its refusals these follow from the specification or the model's file. Any other may follow from a row to forget.
PUBLIC_REFUSALS = frozenset(
    {
        *("SPEC_INVALID", "PARAMS_INVALID", "ENGINE_UNKNOWN", "FOLDER_MISSING", "OUTPUT_NOT_EMPTY", "INPUT_MISSING"),
        *("INPUT_NOT_PLAIN", "DIGEST_MISMATCH", "MANIFEST_MISSING", "MANIFESTS_OVERLAP", "ROW_OUT_OF_RANGE", "NO_ROWS"),
        *("REQUESTS_MISCOUNTED", "HOLDOUT_MISSING", "LAYER_UNKNOWN", "WEIGHTS_UNKNOWN", "ARCHITECTURE_INVALID"),
        *("MODEL_UNREADABLE", "MODEL_UNSUPPORTED", "NOT_A_CLASSIFIER", "TOKENIZER_UNREADABLE", "TOKENIZER_WITHOUT_EOS"),
        *("CHAT_TEMPLATE_MISSING", "ADAPTER_REPEATED", "ADAPTER_UNKNOWN", "ADAPTER_UNSUITABLE", "ADAPTER_UNSUPPORTED"),
        *("ORIGIN_UNTOLD", "ROWS_UNTOLD", "ROWS_ELSEWHERE", "BASE_ANOTHER", "RECIPE_ANOTHER"),
        *("STATE_UNREADABLE", "STATE_OF_ANOTHER_RUN", "ONE_PROCESS_ONLY", "WHOLE_WEIGHTS_NEEDED"),
    }
)
# Training an adapter anew reads the rows that stay and no others: that it diverged says nothing of those to forget.
PUBLIC_OF_ONE = {RETRAINS_ADAPTER: frozenset({"TRAINING_DIVERGED"})}
# Of an attack's refusals these follow from how the rows are written that it asks about, the erased ones among them.
FORM_TELLS = frozenset({"TEXT_TOO_LONG", "TEXT_WITH_SPECIAL_TOKEN", "OPTIONS_MISSING"})
ATTACKS = frozenset({"verify.linear", *(family.attacks for family in FAMILIES.values())})
NOT_ASKED = "ATTACK_UNFINISHED"
NOT_ASKED_WORDS = (
    "Some row cannot be put to the model as the policy says. Which, and why, may follow from the erased rows, so it is "
    "sealed with the case. Let the policy ask as the model was trained: by the same template, and no shorter."
)
UNFINISHED = "UNLEARNING_UNFINISHED"
UNFINISHED_WORDS = (
    "This method did not come to an end here. Why may follow from the erased rows, so it is sealed with the case, as "
    "is how far it came. Go on to the next method of the plan, or retrain."
)
# Such a run ends by itself when the rows are forgotten: whoever sees how far it was when it ended sees how well the
# model knew them. A network's methods take as many steps as was planned.
STEPS_TELL = frozenset({LANGUAGE.unlearns})
Document = dict[str, Any]


def apart(
    result: Document, measurements: Document | None, *, engine: str
) -> tuple[Document, Document | None, Document | None]:
    """(result, open measurements, sealed ones): nothing measured on deleted rows stays in the first two."""
    opened, sealed = by_tier(measurements)
    outputs = result.get("outputs") or {}
    told = {name: value for name, value in outputs.items() if engine in BY_UNLEARNING and name not in PUBLIC}
    if not told:
        return result, opened, sealed
    kept = {name: value for name, value in outputs.items() if name not in told}
    hidden = sealed or {"format": "obelus/measurements/1", "measurements": []}
    return {**result, "outputs": kept}, opened, {**told, **hidden}


def by_tier(measurements: Document | None) -> tuple[Document | None, Document | None]:
    """Measurements on deleted rows are outside the certificate: they are sealed, never published."""
    if measurements is None:
        return None, None
    rows = measurements["measurements"]
    opened = {"format": measurements["format"], "measurements": [m for m in rows if m["tier"] == "open"]}
    hidden = [m for m in rows if m["tier"] != "open"]
    return opened, {"format": measurements["format"], "measurements": hidden} if hidden else None


def refusal_apart(code: str, message: str, *, engine: str) -> tuple[str, str, Document | None]:
    """(code, message, what is sealed of it): a refusal that may tell of a deleted row has one plain name in the open.

    The house's own codes are written small: they are about objects and digests, before an engine has read a row.
    """
    hidden = {"format": "obelus/measurements/1", "measurements": [], "refused": {"code": code, "message": message}}
    if engine in ATTACKS and code in FORM_TELLS:
        return NOT_ASKED, NOT_ASKED_WORDS, hidden
    if engine not in BY_UNLEARNING and engine not in EXACT.values():
        return code, message, None
    if code in PUBLIC_REFUSALS or code in PUBLIC_OF_ONE.get(engine, ()) or code.islower():
        return code, message, None
    return UNFINISHED, UNFINISHED_WORDS, hidden
