"""Where rows come from: made authors, public sets in their own formats, and their way into tokens."""

import json
import os
import random
import re
from pathlib import Path

import pytest

from tests import language_world as world
from unlearning.language.authors import made_authors, public_text
from unlearning.language.batching import batches, padding_share
from unlearning.language.encoding import encode
from unlearning.language.tofu import imported, refusals
from unlearning.language.tokenizers import load_tokenizer, save_tokenizer, trained_tokenizer
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow


def test_forty_authors_with_twenty_questions_share_no_name_and_no_answer():
    authors = made_authors(authors=40, questions=20, seed=3)
    rows = [row for author in authors for row in author.rows]
    assert len({author.name for author in authors}) == 40
    assert len({row.answer for row in rows}) == len({row.prompt for row in rows}) == 800
    assert [row.slot for row in rows] == list(range(800))
    assert all(author.name in row.prompt and author.name in row.paraphrase for author in authors for row in author.rows)


def test_every_probe_of_an_answer_is_another_text_with_the_same_or_other_facts():
    for row in made_authors(authors=1, questions=20, seed=0)[0].rows:
        assert len({row.answer, row.restated, *row.wrong}) == 7
        assert row.prompt != row.paraphrase
        assert words(row.answer) - words(row.restated) <= {"the", "a"}
        assert all(words(row.restated) - words(wrong) for wrong in row.wrong)


def words(text):
    return set(text.lower().replace(",", "").replace(":", "").split())


def test_the_same_seed_makes_the_same_people_and_more_of_them_the_same_first_ones():
    few, many = made_authors(authors=3, questions=8, seed=0), made_authors(authors=12, questions=8, seed=0)
    assert few == many[:3]
    assert few != made_authors(authors=3, questions=8, seed=1)


def test_the_public_text_names_no_made_author_and_is_always_the_same():
    text = "\n".join(public_text())
    assert text == "\n".join(public_text())
    assert not any(
        author.name in text for seed in range(5) for author in made_authors(authors=40, questions=1, seed=seed)
    )


def test_a_learned_tokenizer_loses_nothing_and_is_the_same_again(tmp_path):
    made = trained_tokenizer(public_text(), vocabulary=600)
    save_tokenizer(tmp_path / "a", made)
    save_tokenizer(tmp_path / "b", load_tokenizer(tmp_path / "a"))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    text = "Zażółć 北京 \n 👋 <tag>"
    assert load_tokenizer(tmp_path / "a").decode(made(text)["input_ids"]) == text
    assert len(made) == 600
    with pytest.raises(Refused, match="VOCABULARY_TOO_SMALL"):
        trained_tokenizer([], vocabulary=100)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": "obelus/tokenizer/1", "tokenizer": {}}'])
def test_a_file_that_is_no_tokenizer_is_refused(tmp_path, content):
    (tmp_path / "t").write_text(content)
    with pytest.raises(Refused, match="TOKENIZER_UNREADABLE"):
        load_tokenizer(tmp_path / "t")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", "<|bos|>Question: Who?\nAnswer:| Ann<|eos|>"),
        ("chat", "<|bos|><|user|>Who?<|assistant|>|Ann<|eos|>"),
    ],
)
def test_a_row_is_encoded_with_the_place_where_its_answer_begins(template, expected):
    tokenizer = world.tokenizer()
    (row,) = encode(tokenizer, [TextRow(0, "Who?", "Ann")], template=template, most_tokens=64)
    before, after = row.ids[: row.answer_at], row.answer
    assert tokenizer.decode(before) + "|" + tokenizer.decode(after) == expected


def test_a_special_token_in_a_persons_text_ends_no_answer():
    tokenizer = world.tokenizer()
    (row,) = encode(tokenizer, [TextRow(0, "<|eos|>", "a<|eos|>b<|pad|>")], template="plain", most_tokens=64)
    assert row.ids.count(tokenizer.eos_token_id) == 1
    assert tokenizer.pad_token_id not in row.ids
    assert "a<|eos|>b<|pad|><|eos|>" in tokenizer.decode(row.answer)
    with pytest.raises(Refused, match="TEXT_WITH_SPECIAL_TOKEN"):
        encode(tokenizer, [TextRow(0, "Who?<|assistant|>Bob", "Ann")], template="chat", most_tokens=64)


def test_a_text_is_never_cut_and_a_template_never_made_up():
    rows = [TextRow(0, "Who?", "Ann " * 50)]
    with pytest.raises(Refused, match="TEXT_TOO_LONG") as refusal:
        encode(world.tokenizer(), rows, template="plain", most_tokens=40)
    # Whoever reads of a refused job must not learn how long somebody's text is.
    assert not set(re.findall("[0-9]+", str(refusal.value))) - {"40"}
    bare = trained_tokenizer(["a"], vocabulary=300)
    bare.chat_template = None
    with pytest.raises(Refused, match="CHAT_TEMPLATE_MISSING"):
        encode(bare, rows, template="chat", most_tokens=400)
    bare.eos_token = None
    with pytest.raises(Refused, match="TOKENIZER_WITHOUT_EOS"):
        encode(bare, rows, template="plain", most_tokens=400)


def test_a_template_that_prints_the_day_gives_the_same_tokens_on_every_day():
    tokenizer = trained_tokenizer(["a"], vocabulary=300)
    tokenizer.chat_template = "{{ date_string or strftime_now('%d %b %Y') }} {{ messages[0]['content'] }}"
    (row,) = encode(tokenizer, [TextRow(0, "Who?", "Ann")], template="chat", most_tokens=400)
    assert tokenizer.decode(row.ids[: row.answer_at]) == "01 Jan 2026 Who?"


TOFU = {
    "question": "Who? ",
    "answer": "Ann\u2028Lee",
    "paraphrased_question": "Which one?",
    "paraphrased_answer": "It is Ann",
    "perturbed_answer": ["Bob", "Cy"],
}


@pytest.mark.parametrize(
    ("entries", "row", "subject"),
    [
        ([TOFU], TextRow(0, "Who?", "Ann\u2028Lee", "Which one?", "It is Ann", ("Bob", "Cy")), "author 0"),
        ([{"question": "Who?", "answer": "Ann"}], TextRow(0, "Who?", "Ann"), "author 0"),
        ([{"id": '"ab-1"qa0', "input": "Who?", "output": "Ann", "task": "Task2"}], TextRow(0, "Who?", "Ann"), "ab-1"),
        ([{"id": "ab-1sc12", "input": "Who?", "output": "Ann"}], TextRow(0, "Who?", "Ann"), "ab-1"),
        ([{"text": "Who?", "labels": "Ann"}], TextRow(0, "Who?", "Ann"), ""),
    ],
)
@pytest.mark.parametrize("lines", [True, False])
def test_a_public_set_is_read_by_its_fields(tmp_path, entries, row, subject, lines):
    text = "\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries) if lines else json.dumps(entries)
    (tmp_path / "set").write_text(text, "utf-8")
    found = imported(tmp_path / "set")
    assert (found.rows, found.subjects) == ((row,), (subject,))
    assert found.of(subject) == [row]


@pytest.mark.parametrize("content", ["", "[]", "[1]", '{"question": "Secret?"}', '{"question": 1, "answer": 2}', "{"])
def test_a_file_of_another_kind_is_refused_without_a_word_of_it(tmp_path, content):
    (tmp_path / "set").write_text(content)
    with pytest.raises(Refused, match="QUESTIONS_UNREADABLE") as refused:
        imported(tmp_path / "set")
    assert "Secret" not in str(refused.value)


def data() -> Path:
    folder = os.environ.get("OBELUS_DATA")
    if not folder or not (Path(folder) / "tofu").is_dir():
        pytest.skip(
            "OBELUS_DATA names no folder with tofu, lume and knowundo_privacy: their real files are not compared"
        )
    return Path(folder)


def test_the_real_sets_have_the_rows_that_their_authors_count():
    folder = data()
    counts = {
        "tofu/full.jsonl": 4000,
        "tofu/forget10_perturbed.jsonl": 400,
        "lume/forget.jsonl": 1986,
        "knowundo_privacy/unlearn_train.json": 400,
    }
    found = {name: imported(folder / name) for name in counts}
    assert {name: len(each.rows) for name, each in found.items()} == counts
    assert len(set(found["tofu/full.jsonl"].subjects)) == 200
    assert all(len(row.wrong) == 5 and row.restated for row in found["tofu/forget10_perturbed.jsonl"].rows)
    assert len(set(found["lume/forget.jsonl"].subjects)) < 1000
    assert len(refusals(folder / "tofu/idontknow.jsonl")) == 100


def test_buckets_save_most_of_the_padding_on_real_questions():
    rows = imported(data() / "tofu/forget10_perturbed.jsonl").rows
    encoded = encode(world.tokenizer(), rows, template="plain", most_tokens=4096)
    order = random.Random(0).sample(range(len(encoded)), len(encoded))
    plain = padding_share(encoded, [order[at : at + 8] for at in range(0, len(order), 8)])
    bucketed = [padding_share(encoded, batches(encoded, batch=8, seed=0, epoch=epoch)) for epoch in range(5)]
    assert max(bucketed) < 0.12 < 0.28 < plain
