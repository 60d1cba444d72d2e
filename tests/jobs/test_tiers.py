"""What a run and an attack did to deleted rows leaves a job's result before anybody reads it."""

from governance.jobs.tiers import apart

LINE = {"name": "text.extraction", "arm": "A"}
TIERS = {"format": "obelus/measurements/1", "measurements": [{**LINE, "tier": "sealed"}, {**LINE, "tier": "open"}]}
UNLEARN = "language.unlearn"
PLANNED = {"method": "npo", "params": {"epochs": 5}, "seed": 0, "planned_steps": 9, "forgotten": 3, "rows": 40}
# How soon a model forgets depends on how well it knew.
RAN = {"steps": 3, "chosen_step": 3, "stopped_because": "target", "reason": "so", "curves": [{"step": 0}], "new": 1}
# So does which weights hold those rows; that a share of them was chosen, and how, stands among the parameters.
RAN["chosen_weights"] = {"digest": "sha256:ab", "weights": 7, "influence_by_layer": {"0": 1.5}}


def result(**outputs):
    return {"format": "obelus/result/1", "outputs": outputs}


def test_what_a_run_did_to_the_rows_to_forget_is_sealed_beside_what_was_measured():
    found, opened, sealed = apart(result(**PLANNED, **RAN), TIERS, engine=UNLEARN)
    assert found == result(**PLANNED)
    assert [line["tier"] for line in opened["measurements"]] == ["open"]
    assert [line["tier"] for line in sealed["measurements"]] == ["sealed"]
    assert {name: sealed[name] for name in RAN} == RAN


def test_it_is_sealed_where_nothing_else_was_measured():
    found, opened, sealed = apart(result(**RAN), None, engine=UNLEARN)
    assert (found, opened, sealed) == (result(), None, {**TIERS, "measurements": [], **RAN})


def test_what_was_known_before_the_run_stays_open():
    whole = result(**PLANNED)
    assert apart(whole, None, engine=UNLEARN) == (whole, None, None)


def test_a_result_of_another_kind_of_engine_is_as_it_came():
    whole = result(rows=5, steps=3)
    assert apart(whole, None, engine="certified.delete") == (whole, None, None)
    assert apart({"format": "obelus/result/1", "outputs": None}, None, engine=UNLEARN)[0]["outputs"] is None
