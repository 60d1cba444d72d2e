"""What a run and an attack did to deleted rows leaves a job's result before anybody reads it."""

import pytest

from governance.audit.models import Entry, Sealed
from governance.audit.sealing import unseal
from governance.jobs import leases, services
from governance.jobs.models import Job
from governance.jobs.tiers import (
    FORM_TELLS,
    NOT_ASKED,
    NOT_ASKED_WORDS,
    PUBLIC_REFUSALS,
    UNFINISHED,
    UNFINISHED_WORDS,
    apart,
    refusal_apart,
)

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


WHY = ("TRAINING_DIVERGED", "expected finite weights, got NaN or infinity. Choose a smaller lr.")


@pytest.mark.parametrize("engine", [UNLEARN, "classifier.unlearn"])
def test_a_refusal_that_may_follow_from_a_deleted_row_has_one_name_in_the_open(engine):
    told = {refusal_apart(code, "so", engine=engine)[:2] for code in (WHY[0], "TEXT_TOO_LONG", "ANYTHING_NEW")}
    assert told == {(UNFINISHED, UNFINISHED_WORDS)}
    assert refusal_apart(*WHY, engine=engine)[2]["refused"] == {"code": WHY[0], "message": WHY[1]}


def test_an_attack_that_cannot_ask_about_a_row_does_not_say_how_it_is_written():
    told = {refusal_apart(code, "so", engine="verify.language")[:2] for code in FORM_TELLS}
    assert told == {(NOT_ASKED, NOT_ASKED_WORDS)}
    assert refusal_apart("TEXT_TOO_LONG", "so", engine="verify.language")[2]["refused"]["code"] == "TEXT_TOO_LONG"
    assert refusal_apart("REFERENCES_ALIKE", "so", engine="verify.language")[2] is None
    assert refusal_apart("TEXT_TOO_LONG", "so", engine="language.train")[0] == "TEXT_TOO_LONG"


@pytest.mark.parametrize("code", ["LAYER_UNKNOWN", "PARAMS_INVALID", "digest_mismatch"])
def test_a_refusal_known_before_any_row_was_read_is_said(code):
    assert refusal_apart(code, "so", engine=UNLEARN) == (code, "so", None)
    assert not {code for code in PUBLIC_REFUSALS if "TEXT_" in code or "DIVERGED" in code}


def test_other_engines_say_why_they_refuse():
    assert refusal_apart(*WHY, engine="language.train") == (*WHY, None)
    assert refusal_apart(*WHY, engine="language.retrain_adapter") == (*WHY, None), "it reads the rows that stay alone"


@pytest.mark.django_db
def test_of_a_refused_unlearning_row_log_and_message_tell_nothing_and_the_case_keeps_it(held_job):
    job, held = held_job()
    Job.objects.filter(pk=job.pk).update(engine=UNLEARN)
    services.refuse(held, code=WHY[0], message=WHY[1])
    job.refresh_from_db()
    assert (job.status, job.code, job.message) == ("refused", UNFINISHED, UNFINISHED_WORDS)
    shown = b"".join(bytes(entry.leaf) for entry in Entry.objects.all()) + repr(vars(job)).encode()
    assert b"DIVERGED" not in shown and b"finite" not in shown
    assert unseal(job.thread, f"measurements/{job.ref}")["refused"]["code"] == WHY[0]
    assert Sealed.objects.filter(name=f"measurements/{job.ref}").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("engine", "seen"), [(UNLEARN, (0, 0, 0.0)), ("classifier.unlearn", (7, 60, 2.5))])
def test_how_far_it_is_shows_only_where_the_steps_do_not_end_with_what_it_finds(held_job, engine, seen):
    job, held = held_job()
    Job.objects.filter(pk=job.pk).update(engine=engine)
    assert leases.heartbeat(held, phase="unlearning", step=7, steps=60, rate=2.5)
    job.refresh_from_db()
    assert (job.phase, job.step, job.steps, job.rate) == ("unlearning", *seen)
