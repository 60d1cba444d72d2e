"""A peer gets the same rows, tokens and settings, is never run half, and a metric that differs is seen to differ."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.language import material, peer, speed
from benchmarks.language.peer_folder import Peer, model_settings, write_rows
from benchmarks.language.peer_metrics import SHOWN, lines
from benchmarks.language.peer_scores import LENIENT, OUR_MIA, Scores, apart, theirs
from tests import language_world as world
from unlearning.language.encoding import encode


def peer_that_says(tmp_path: Path, script: str) -> Peer:
    (tmp_path / "checkout" / "src").mkdir(parents=True)
    (tmp_path / "checkout" / "src" / "train.py").write_text(script)
    return Peer(tmp_path / "checkout", Path(sys.executable), tmp_path)


def test_a_peer_that_is_not_there_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"NOT RUN: expected a checkout with src/train\.py"):
        peer.main([str(tmp_path), "--python", sys.executable])


def test_a_peer_that_fails_is_not_measured_and_its_last_words_and_what_it_needs_are_told(tmp_path: Path) -> None:
    failing = peer_that_says(tmp_path, "raise SystemExit('no such module')")
    with pytest.raises(SystemExit, match=r"(?s)ended with 1.*no such module.*deepspeed"):
        failing.run("train.py", [])


def test_a_peer_runs_in_its_own_folder_without_our_packages_or_a_network(tmp_path: Path) -> None:
    told = "import os, sys, json; json.dump([os.getcwd(), dict(os.environ), sys.argv[1:]], open('told', 'w'))"
    peer_that_says(tmp_path, told).run("train.py", ["a=b"])
    folder, environment, asked = json.loads((tmp_path / "told").read_text())
    assert (Path(folder), asked) == (tmp_path.resolve(), ["a=b"])
    assert (environment["PYTHONPATH"], environment["HF_HUB_OFFLINE"], environment["OMP_NUM_THREADS"]) == ("", "1", "1")


def test_the_peer_finds_every_split_by_its_name_with_answers_as_our_template_begins_them(tmp_path: Path) -> None:
    rows = world.forget()
    write_rows(tmp_path, {"forget10": rows, "retain90": world.retain()})
    home = tmp_path / "locuslab" / "TOFU"
    entries = [json.loads(line) for line in (home / "forget10.jsonl").read_text().splitlines()]
    assert [(one["question"], one["answer"]) for one in entries] == [(row.prompt, " " + row.answer) for row in rows]
    assert [one["perturbed_answer"] for one in entries] == [[" " + text for text in row.wrong] for row in rows]
    assert "- config_name: retain90\n  data_files: retain90.jsonl" in (home / "README.md").read_text()


def test_the_peers_prompt_gives_the_tokens_of_our_template(tmp_path: Path) -> None:
    given = dict(one.split("=", 1) for one in model_settings(tmp_path) if one.startswith("model.template_args."))
    tags = {name.rsplit(".", 1)[1]: value.strip('"') for name, value in given.items()}
    tokenizer = world.tokenizer()
    begun, asked = (tags[name] for name in ("system_prompt_with_special_tokens", "user_start_tag"))
    for row in world.forget():
        prompt = begun + asked + row.prompt + tags["user_end_tag"] + tags["asst_start_tag"]
        (ours,) = encode(tokenizer, [row], template="plain", most_tokens=256)
        assert tuple(tokenizer(prompt)["input_ids"]) == ours.ids[: ours.answer_at]
        assert (*tokenizer(f"{prompt} {row.answer}")["input_ids"], tokenizer.eos_token_id) == ours.ids


def test_the_peers_steps_have_our_settings(tmp_path: Path) -> None:
    asked = peer.settings(tmp_path, 30)
    assert "+trainer.args.max_steps=30" in asked
    assert "trainer.method_args.beta=0.1" in asked


def test_a_step_is_what_many_steps_cost_more_than_few_and_stands_beside_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "write_model", lambda *_: None)
    monkeypatch.setattr(material, "model", lambda *_: None)
    monkeypatch.setattr(peer, "_spent", lambda _, steps: 12.0 + 0.2 * steps)
    here = SimpleNamespace(plain=[0.6, 9.0, 0.6], ours=[0.3, 0.3, 0.3], steps=3)
    monkeypatch.setattr(speed, "measured", lambda *_, **__: here)
    rows = material.Material("made", world.forget(), world.retain(), world.holdout())
    times = peer.measured(peer_that_says(tmp_path, ""), rows, repeats=2)
    assert list(times) == ["open-unlearning", "plain loop", "ours"]
    assert [each for turns in times.values() for each in turns] == pytest.approx([0.2, 0.2, 0.2, 0.2, 0.1, 0.1])
    assert "| made | 200 (200 to 200) |" in peer.page({"made": times}, libraries="with these.", on="somewhere.")


def alike() -> tuple[Scores, Scores]:
    """Two sides that say the same of every metric."""
    each = {"forget_Q_A_Prob": [0.5, 0.25], "mia_loss": [1.0, 2.0]}
    one = Scores(dict.fromkeys(SHOWN, 0.5), each)
    return one, copy.deepcopy(one)


def told_of(metric: str, pair: tuple[Scores, Scores]) -> str:
    return next(line[-1] for line in lines({"untouched": pair}) if line[0] == metric)


def test_metrics_that_agree_are_close_and_one_that_differs_by_two_thousandths_is_not() -> None:
    one, other = alike()
    assert {line[-1] for line in lines({"untouched": (one, other)})} == {"yes"}
    other.whole["model_utility"] += 0.002
    assert told_of("model_utility", (one, other)) == "**no**"


def test_a_row_that_differs_is_seen_although_the_means_agree() -> None:
    one, other = alike()
    other.each["forget_Q_A_Prob"] = [0.25, 0.5]
    assert told_of("forget_Q_A_Prob", (one, other)) == "**no**"


def test_the_leak_is_a_percentage_and_close_within_a_tenth_of_one() -> None:
    one, other = alike()
    other.whole["privleak"] += 0.09
    assert told_of("privleak", (one, other)) == "yes"
    other.whole["privleak"] += 0.02
    assert told_of("privleak", (one, other)) == "**no**"


def test_what_the_peer_wrote_is_read_in_the_order_of_the_rows() -> None:
    scores = {"value_by_index": {"10": {"score": 3.0}, "2": {"score": 2.0}, "0": {"score": 1.0}}, "agg_value": 2.0}
    rows = ("forget_truth_ratio", "exact_memorization", "extraction_strength")
    written = {**dict.fromkeys(rows, scores), "forget_quality": {"agg_value": None}}
    for name, key in (("forget_Q_A_Prob", "prob"), ("forget_Q_A_ROUGE", "rougeL_recall")):
        written[name] = {"value_by_index": {"0": {key: 0.5}}, "agg_value": 0.5}
    written |= {name: {"forget": scores, "holdout": scores, "agg_value": 0.5} for name in OUR_MIA.values()}
    found = theirs(written)
    assert found.each["exact_memorization"] == found.each[LENIENT] == [1.0, 2.0, 3.0]
    assert found.each["mia_loss"] == [1.0, 2.0, 3.0] * 2
    assert "forget_quality" not in found.whole
    assert apart(found.each["mia_loss"], [1.0, 2.0, 3.0, 1.0, 2.0, 4.5]) == 1.5
