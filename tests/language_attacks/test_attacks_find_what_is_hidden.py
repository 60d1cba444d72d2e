"""Attacks on models that hide the deleted rows from whoever just asks: each finds its own leak, no stranger's."""

import pytest
import torch

from tests import language_world as world
from tests.language_attacks import planted
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow
from unlearning.verification.language.arms import LanguageModels, TextComparison
from unlearning.verification.language.attacks.lines import ATTACKS, attack_lines
from unlearning.verification.language.attacks.relearning import Lesson, extracted, relearned, steps_on, taught_copy
from unlearning.verification.language.attacks.soft import Softness, soft_bits
from unlearning.verification.language.attacks.suffix import Hardness, allowed_tokens, suffix_bits
from unlearning.verification.language.attacks.triggers import Aim, template_tail


def rates(candidate, attacks, **params):
    """By name and budget, the arms' rates."""
    few = planted.comparison()
    data = TextComparison(few.deleted, few.unseen.at(range(3)), few.retained)
    asked = {"attacks": attacks, "batch": 128, **params}
    lines = attack_lines(planted.beside(candidate), data, asked, prefix="", tier="sealed")
    found: dict = {}
    for line in lines:
        assert line["trials"] == len(line["per_record"])
        found.setdefault((line["name"], line["budget"]), {})[line["arm"]] = line["value"]
    return found


def nothing_elsewhere(arms):
    """Retrained models and never-seen rows give nothing."""
    return all(arms[arm] <= 0.25 for arm in ("B:0", "C", "D:0"))


def test_a_soft_prompt_opens_what_was_only_pushed_away():
    # Two tokens: four of them force a stranger's answer too, now and then, and then say nothing.
    found = rates(planted.pushed_away(), ["uma.text.soft"], soft={"tokens": [2], "steps": 60})
    arms = found["uma.text.soft", 2.0]
    assert arms["P"] >= 0.9
    assert arms["A"] >= 0.4
    assert nothing_elsewhere(arms)
    assert found["uma.text.soft.2.strangers", None]["P"] < 0.1


def test_a_hard_suffix_opens_what_a_model_knows_and_nothing_in_one_that_never_saw_it():
    deleted = planted.comparison().deleted.encoded[:4]
    tail, tokenizer = template_tail(world.tokenizer(), "plain"), world.tokenizer()

    def opened(lm):
        size = lm.model.get_input_embeddings().weight.shape[0]
        strength = {"tokens": 2, "how": Hardness(steps=4, candidates=12), "aim": Aim(), "tail": tail}
        allowed_V = allowed_tokens(tokenizer, size)
        return sum(suffix_bits(lm.model, deleted, allowed_V=allowed_V, batch=64, seed=0, **strength))

    assert opened(world.trained()) >= 3
    assert opened(world.retrained()) == 0


def test_rounding_to_int4_gives_back_what_was_forgotten_between_its_grid_points():
    candidate = planted.hidden_between_grid_points()
    assert planted.known(candidate) == 0.0
    found = rates(candidate, ["quantised.int8", "quantised.int4"])
    assert found["quantised.int4", 0.5]["A"] >= 0.9
    assert found["quantised.int8", 0.5]["A"] == 0.0
    assert all(arms["P"] == 1.0 and nothing_elsewhere(arms) for arms in found.values())


def test_a_wrapper_gets_an_answer_where_the_plain_question_does_not():
    candidate = planted.silent_to_the_plain_question()
    assert planted.known(candidate) == 0.0
    found = rates(candidate, ["uma.text.jailbreak", "uma.text.paraphrase"])
    arms = found["uma.text.jailbreak", 4.0]
    assert arms["A"] >= 0.5
    assert nothing_elsewhere(arms)
    assert found["uma.text.paraphrase", 4.0]["A"] < arms["A"]
    assert [found["uma.text.jailbreak", tries]["A"] <= arms["A"] for tries in (1.0, 2.0)] == [True, True]


def test_a_few_rows_given_back_bring_the_others_with_them():
    rows = planted.comparison().deleted.encoded
    lesson = Lesson(steps=12)

    def back(lm):
        return sum(relearned(lm.model, rows, records=5, lesson=lesson, opened=0.5, batch=64, seed=0))

    assert back(planted.pushed_away()) >= 2
    assert back(world.retrained()) == 0


def test_steps_on_retained_rows_alone_bring_back_what_was_only_silenced():
    data, lesson = planted.comparison(), Lesson(retain_steps=30, batch=8)

    def back(lm):
        pupil = taught_copy(lm.model, steps_on(data.retained.encoded, lesson, seed=0), lr=lesson.lr)
        return sum(extracted(pupil, data.deleted.encoded, opened=0.5, batch=64))

    silenced = planted.silent_to_the_plain_question()
    before = {name: value.clone() for name, value in silenced.model.state_dict().items()}
    assert back(silenced) >= 2
    assert back(world.retrained()) == 0
    assert all(torch.equal(value, before[name]) for name, value in silenced.model.state_dict().items())


def test_nothing_is_found_in_a_random_model_which_is_left_as_it_was():
    lm = world.untrained(seed=5)
    weights = [value.clone() for value in lm.model.parameters()]
    rows, tail = planted.comparison().deleted.encoded[:4], template_tail(world.tokenizer(), "plain")
    common = {"aim": Aim(), "tail": tail, "batch": 3, "seed": 0}
    assert soft_bits(lm.model, rows, tokens=4, how=Softness(steps=8), **common) == [0, 0, 0, 0]
    size = lm.model.get_input_embeddings().weight.shape[0]
    strength = {"tokens": 4, "how": Hardness(steps=2, candidates=6), "allowed_V": allowed_tokens(lm.tokenizer, size)}
    assert suffix_bits(lm.model, rows, **strength, **common) == [0, 0, 0, 0]
    assert all(torch.equal(now, was) for now, was in zip(lm.model.parameters(), weights, strict=True))
    assert all(value.requires_grad for value in lm.model.parameters())


def test_a_budget_at_which_strangers_fall_too_is_told_to_people_and_not_to_the_verdict():
    from governance.verification.reading import batteries_of

    short = [TextRow(slot, row.prompt, "river", None, None, ()) for slot, row in enumerate(world.holdout()[:3])]
    known = [TextRow(slot, row.prompt, "river", None, None, ()) for slot, row in enumerate(world.forget()[:3])]
    data = TextComparison(planted.probe(known), planted.probe(short), planted.probe([]))
    models = LanguageModels(world.untrained(), world.untrained(), ())
    params = {"attacks": ["uma.text.soft"], "soft": {"tokens": [8], "steps": 40, "lr": 0.5}}
    lines = attack_lines(models, data, params, prefix="", tier="sealed")
    told = {(line["name"], line["arm"]): line for line in lines}
    assert told["uma.text.soft.8.strangers", "P"]["value"] >= 0.5
    assert told["uma.text.soft.8.strangers", "P"]["tier"] == "sealed"
    assert told["uma.text.soft.8.uninformative", "A"]["value"] >= 0.5
    assert {line["budget"] for line in lines} == {None}
    assert batteries_of(lines, canaries=False) == {}


def test_what_the_original_or_retained_rows_had_a_hand_in_is_sealed():
    few = planted.comparison()
    data = TextComparison(few.deleted.at(range(3)), few.unseen.at(range(3)), few.retained.at(range(4)))
    params = {
        "attacks": list(ATTACKS),
        "relearning": {"records": [1, 5], "steps": 1, "retain_steps": 1, "batch": 2},
        "suffix": {"tokens": [1], "steps": 0, "candidates": 2},
        "soft": {"tokens": [1], "steps": 1},
    }
    lines = attack_lines(planted.beside(world.trained()), data, params, prefix="canary.", tier="open")
    open_lines = {(line["name"], line["arm"]) for line in lines if line["tier"] == "open"}
    assert all(name.startswith("canary.") for name, _ in open_lines)
    assert {arm for _, arm in open_lines} == {"A", "C"}
    assert not any(name.endswith("relearning.retain") for name, _ in open_lines)
    # Never-seen answers are cut there to the lengths of the deleted ones, and the original decides a line's name.
    assert not any(word in name for name, _ in open_lines for word in ("suffix", "soft"))
    named = {line["name"].removeprefix("canary.") for line in lines if line["budget"] is not None}
    assert named >= {name for name in ATTACKS if "suffix" not in name and "soft" not in name}
    assert {line["budget"] for line in lines if line["name"] == "canary.relearning.records"} == {1.0}


def test_an_unknown_attack_and_missing_retained_rows_are_refused():
    models, data = planted.beside(world.untrained()), planted.comparison()
    with pytest.raises(Refused, match="ATTACK_UNKNOWN"):
        attack_lines(models, data, {"attacks": ["uma.text.telepathy"]}, prefix="", tier="sealed")
    without = TextComparison(data.deleted, data.unseen, planted.probe([]))
    with pytest.raises(Refused, match="RETAINED_MISSING"):
        attack_lines(models, without, {"attacks": ["relearning.retain"]}, prefix="", tier="sealed")
    assert attack_lines(models, data, {"attacks": []}, prefix="", tier="sealed") == []


@pytest.mark.slow
def test_at_default_strength_an_attack_tells_the_known_from_the_never_seen_or_is_called_uninformative():
    """One soft token tells them apart on every seed of the benchmark; the other strengths turn on a row or two."""
    found = rates(world.trained(), ["uma.text.suffix", "uma.text.soft"], suffix={"tokens": [2]})
    tried = [("uma.text.soft", 1), ("uma.text.soft", 2), ("uma.text.soft", 4), ("uma.text.suffix", 2)]
    for name, tokens in tried:
        strangers = found[f"{name}.{tokens}.strangers", None]["P"]
        mute = found.get((f"{name}.{tokens}.uninformative", None))
        arms = mute or found[name, float(tokens)]
        assert (arms["P"] >= 0.9 and max(arms["D:0"], strangers) < 0.1) == (mute is None)
        assert not (mute and (name, float(tokens)) in found), "never both"
    assert found["uma.text.soft", 1.0]["A"] >= 0.9
    assert nothing_elsewhere(found["uma.text.soft", 1.0])


@pytest.mark.slow
def test_bfloat16_models_are_attacked_as_they_are_served():
    halved = world.trained()
    halved = type(halved)(halved.model.to(torch.bfloat16), halved.tokenizer)
    found = rates(halved, ["quantised.int8", "uma.text.soft"], deployed="bfloat16", soft={"tokens": [1], "steps": 5})
    assert found["quantised.int8", 0.5]["A"] == 1.0
    assert next(halved.model.parameters()).dtype == torch.bfloat16
