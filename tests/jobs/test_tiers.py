"""What was measured on deleted rows leaves a job's result before anybody reads it, curves among the rest."""

from governance.jobs.tiers import apart

LINE = {"name": "text.extraction", "arm": "A"}
TIERS = {"format": "obelus/measurements/1", "measurements": [{**LINE, "tier": "sealed"}, {**LINE, "tier": "open"}]}


def result(**outputs):
    return {"format": "obelus/result/1", "outputs": outputs}


def test_curves_are_sealed_beside_what_was_measured():
    found, opened, sealed = apart(result(steps=3, curves=[{"step": 0}]), TIERS)
    assert found == result(steps=3)
    assert [line["tier"] for line in opened["measurements"]] == ["open"]
    assert [line["tier"] for line in sealed["measurements"]] == ["sealed"] and sealed["curves"] == [{"step": 0}]


def test_curves_are_sealed_where_nothing_else_was_measured():
    found, opened, sealed = apart(result(curves=[]), None)
    assert (found, opened, sealed) == (result(), None, {**TIERS, "measurements": [], "curves": []})


def test_a_result_without_curves_is_as_it_came():
    whole = result(rows=5)
    assert apart(whole, None) == (whole, None, None)
    assert apart({"format": "obelus/result/1", "outputs": None}, None)[0]["outputs"] is None
