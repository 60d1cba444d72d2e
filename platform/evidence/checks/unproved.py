"""Unlearning that no ledger proves: does the choice follow, and did an attack judge the very weights released?"""

from __future__ import annotations

from evidence.canonical import Json, is_digest
from evidence.case import Case, Logged
from evidence.checks.references import check_references, check_whose
from evidence.faults import Fault
from evidence.unproved_families import DROP, FAMILIES, NETWORKS, RETRAIN_ADAPTER, UnprovedFamily
from evidence.unproved_plans import PRICES, SHADOW_MODELS, UnreadablePlanError, differences, needs_shadows

RUNG = "unlearned_approximately"
# What a certificate repeats of the rules beside the battery.
_BESIDE = ("references", "references_by")


def check_choice(case: Case, plan: Json) -> None:
    """The choice recomputed from the plan's facts, and those facts against the policy."""
    try:
        for name in differences(plan):
            found = plan["choice"].get(name)
            case.fault(Fault.PLAN, f"plan.json $.choice.{name}", "what its inputs lead to", found)
    except UnreadablePlanError as error:
        case.fault(Fault.PLAN, "plan.json", "facts that lead to a choice", str(error))
        return
    policy, inputs = case.documents.get("policy.json", {}), plan["inputs"]
    if inputs.get("engine") not in (None, *FAMILIES):
        case.fault(Fault.PLAN, "plan.json $.inputs.engine", f"one of {sorted(FAMILIES)}", inputs["engine"])
    rules = _object(policy.get("verification"))
    wishes, priced = _wishes(rules), _object(policy.get("prices"))
    wanted = {
        "references": 0 if rules.get("references_by") == "qualification" else rules.get("references"),
        "shadows": SHADOW_MODELS if needs_shadows(rules) else 0,
        "prices": {name: priced.get(name) for name in PRICES} if all(name in priced for name in PRICES) else None,
    }
    for name, value in wanted.items():
        if inputs.get(name) != value:
            case.fault(Fault.PLAN, f"plan.json $.inputs.{name} (policy.json)", value, inputs.get(name))
    planned = steps_of(inputs)
    methods = [step.get("method") for step in planned]
    case.expect(Fault.PLAN, "plan.json $.inputs, its methods", [wish.get("method") for wish in wishes], methods)
    for wish, step in zip(wishes, planned, strict=False):
        given, params = _object(wish.get("params")), _object(step.get("params"))
        unlike = {name: value for name, value in given.items() if params.get(name) != value}
        case.expect(Fault.PLAN, "plan.json $.inputs.params (policy.json)", {}, unlike)
        _check_passes(case, inputs, step)


def _check_passes(case: Case, inputs: Json, step: Json) -> None:
    """How many rows a step of a ladder goes over follows from its parameters."""
    if "row_passes" not in step:
        return
    if step.get("method") == DROP:
        case.expect(Fault.PLAN, "plan.json $.inputs.ladder, its row_passes", 0, step["row_passes"])
        return
    if step.get("method") == RETRAIN_ADAPTER:
        # As many as the training's epochs go over; how many rows are left follows from the specification.
        wanted = inputs["epochs"] * step["left_rows"]
        case.expect(Fault.PLAN, "plan.json $.inputs.ladder, its row_passes", wanted, step["row_passes"])
        return
    family, params = FAMILIES.get(inputs.get("engine")), _object(step.get("params"))
    is_told = type(params.get("epochs")) is int
    wanted = family.row_passes(params, inputs["rows"], inputs["batch_rows"]) if family and is_told else None
    case.expect(Fault.PLAN, "plan.json $.inputs.ladder, its row_passes", wanted, step["row_passes"])


def _wishes(rules: Json) -> list[Json]:
    """What the policy wishes to try, in its order: one method, or several."""
    wish = rules.get("approximate")
    return [_object(each) for each in wish] if isinstance(wish, list) else [_object(wish)]


def steps_of(inputs: Json) -> list[Json]:
    """The methods of a plan with their parameters; a plan of one method is a ladder of one step."""
    if isinstance(inputs.get("ladder"), list):
        return [_object(step) for step in inputs["ladder"]]
    return [{"method": inputs.get("method"), "params": inputs.get("params")}]


def planned_step(case: Case, plan: Json) -> Json:
    """The step that made the release: the first, or the one that the plan last climbed to, as the log says.

    Nothing where the log climbed further than the plan's ladder goes.
    """
    steps = steps_of(plan["inputs"])
    chosen = plan["choice"].get("ladder")
    places = chosen if isinstance(chosen, list) and chosen else [0]
    climbed = [entry.body["climb"] for entry in case.logged("plan:moved") if "climb" in entry.body]
    tried = sum(1 for climb in climbed if climb == "unlearn")
    place = places[tried] if tried < len(places) else None
    return steps[place] if isinstance(place, int) and 0 <= place < len(steps) else {}


def check_run(case: Case, plan: Json) -> None:
    """The method that ran is the planned one, and an attack under this policy was made on the weights released."""
    spec, certificate = case.candidate_document("specs"), case.documents.get("certificate.json", {})
    if spec is None or certificate.get("rung") != RUNG:
        return
    family, step = _family(plan["inputs"]), planned_step(case, plan)
    case.expect(Fault.PLAN, "engine of the job that unlearned", family.unlearns, spec["engine"])
    planned = {**_object(step.get("params")), "method": step.get("method")}
    ran = {name: spec["params"].get(name) for name in planned}
    case.expect(Fault.PLAN, "method and parameters of that job", planned, ran)
    numbers = [certificate[name][number] for name in ("a", "b", "b_before") for number in ("mu", "epsilon")]
    case.expect(Fault.CERTIFICATE, "numbers of a claim that only an attack carries", [None] * 6, numbers)
    for name, value in {"method": planned["method"], "battery": _battery(case, family)}.items():
        # Certificates of other houses may name neither; what is named must be what was planned and asked.
        if certificate.get(name, value) != value:
            case.fault(Fault.CERTIFICATE, f"certificate.json $.{name}", value, certificate[name])
    _check_attack(case, family)


def _battery(case: Case, family: UnprovedFamily) -> Json:
    """How hard the attack looked, as a certificate repeats it."""
    rules = _object(case.documents.get("policy.json", {}).get("verification"))
    return {name: rules[name] for name in (*family.battery, *_BESIDE) if name in rules}


def _asked(rules: Json, family: UnprovedFamily) -> Json:
    """What the policy says of the attack itself; the rest of its rules is about judging."""
    if family.under:
        return _object(rules.get(family.under))
    return {name: rules[name] for name in (*family.battery, "seed") if name in rules}


def check_beside(case: Case, plan: Json) -> None:
    """An attack on retrained weights may only raise an alarm; so it must be the policy's, on these, able to sound."""
    family, rules = _family(plan["inputs"]), _object(case.documents.get("policy.json", {}).get("verification"))
    on_these = _attacks(case, family)
    for spec in on_these:
        _check_strength(case, family, rules, spec)
        if "references" in spec["inputs"]:
            check_whose(case, family, spec)
    own = {spec["job"] for spec in on_these}
    found = case.documents.get("verdict.json", {}).get("measurements") or []
    for measured in found:
        recorded = {entry.body["job"] for entry in case.logged("job:recorded") if _measured(entry) == measured}
        attacks = {job for job in recorded if _engine(case, job) == family.attacks}
        if attacks and not attacks & own:
            case.fault(Fault.VERDICT, "verdict.json $.measurements", "of an attack on the weights released", measured)


def check_asked(case: Case, plan: Json) -> None:
    """An attack after an exact step asks about the rows that the step was told to forget."""
    for spec in _attacks(case, _family(plan["inputs"])):
        _check_whom(case, spec)


def _family(inputs: Json) -> UnprovedFamily:
    """Of the model that is planned for; plans of one method may name none."""
    return FAMILIES.get(inputs.get("engine"), NETWORKS)


def _engine(case: Case, job: str) -> Json:
    return case.documents.get(f"specs/{job}.json", {}).get("engine")


def _measured(entry: Logged) -> Json:
    return entry.body.get("measurements")


def _check_strength(case: Case, family: UnprovedFamily, rules: Json, attack: Json) -> None:
    wanted = _asked(rules, family)
    asked = {name: attack["params"].get(name) for name in wanted}
    case.expect(Fault.VERDICT, f"specs/{attack['job']}.json $.params (policy.json)", wanted, asked)


def _attacks(case: Case, family: UnprovedFamily) -> list[Json]:
    """Recorded ones on the weights released.

    An earlier step of the ladder may have had these very bytes: the attack on it was no attack on this one.
    """
    weights = case.candidate.body["weights"] if case.candidate else None
    recorded = {entry.body["job"] for entry in case.logged("job:recorded")}
    specs = [document for path, document in sorted(case.documents.items()) if path.startswith("specs/")]
    attacks = [spec for spec in specs if spec["engine"] == family.attacks and spec["job"] in recorded]
    return [
        spec
        for spec in attacks
        if _object(spec["inputs"].get("candidate")).get("digest") == weights and case.is_after_candidate(spec["job"])
    ]


def _check_attack(case: Case, family: UnprovedFamily) -> None:
    rules = _object(case.documents.get("policy.json", {}).get("verification"))
    recorded = {entry.body["job"]: entry.body.get("measurements") for entry in case.logged("job:recorded")}
    on_these = _attacks(case, family)
    if not on_these:
        case.fault(Fault.GATE, f"gate of rung {RUNG}", "a recorded attack on the weights released", "none")
        return
    for spec in on_these:
        _check_strength(case, family, rules, spec)
    found = case.documents.get("verdict.json", {}).get("measurements") or []
    reached_on = [spec for spec in on_these if recorded[spec["job"]] in found]
    if not reached_on:
        case.fault(Fault.VERDICT, "verdict.json $.measurements", "what the attack on these weights measured", found)
    _check_attempt(case, family)
    if rules.get("references_by") == "qualification":
        _check_qualified(case)
    elif not any("references" in spec["inputs"] for spec in reached_on or on_these):
        case.fault(Fault.GATE, f"gate of rung {RUNG}", "an attack beside retrained references", "none")
    for spec in on_these:
        _check_whom(case, spec)
        if "references" in spec["inputs"]:
            check_references(case, family, spec)


def _check_whom(case: Case, attack: Json) -> None:
    """The rows that were unlearned, and the model they were unlearned from: another's would have nothing to show."""
    where, done = f"specs/{attack['job']}.json", _object(case.candidate_document("specs"))
    gone, asked = (_object(spec["manifests"].get("forget")) for spec in (done, attack))
    if {name: sorted(rows) for name, rows in gone.items()} != {name: sorted(rows) for name, rows in asked.items()}:
        case.fault(Fault.VERDICT, f"{where} $.manifests.forget", f"the rows that job {done['job']} forgot", "others")
    for own, name in (("model", "original"), *((name, name) for name in gone)):
        wanted, given = (
            _object(spec["inputs"].get(each)).get("digest") for spec, each in ((done, own), (attack, name))
        )
        case.expect(Fault.VERDICT, f"{where} $.inputs.{name} (of job {done['job']})", wanted, given)


def _check_attempt(case: Case, family: UnprovedFamily) -> None:
    """The k-th attack is judged at level / 2^k; verdicts of other houses may not say which one it was."""
    verdict, reached = case.documents.get("verdict.json", {}), case.last("verdict:reached")
    if "attempt" not in verdict or reached is None:
        return
    begun = [entry.body["job"] for entry in case.logged("attempt:started") if entry.seq < reached.seq]
    specs = [case.documents.get(f"specs/{job}.json", {}) for job in begun]
    attacks = sum(spec.get("engine") == family.attacks for spec in specs)
    case.expect(Fault.VERDICT, "verdict.json $.attempt (attacks that the log began)", attacks, verdict["attempt"])


def _check_qualified(case: Case) -> None:
    """Without references of its own the verdict rests on a trial of the recipe, and must say on which."""
    named = case.documents.get("verdict.json", {}).get("qualification")
    if not is_digest(named):
        case.fault(Fault.VERDICT, "verdict.json $.qualification", "the digest of a qualification", named)


def _object(value: Json) -> Json:
    return value if isinstance(value, dict) else {}
