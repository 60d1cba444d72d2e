"""Engine language.retrain_adapter: the very bytes of a whole retraining in groups, or a refusal."""

import pytest
import torch

from evidence.packed import differences_without
from tests.language_scope.test_training_in_groups import ADAPTER, PARTS, there
from unlearning.catalog import validate_params, with_defaults
from unlearning.language.inputs import texts_of
from unlearning.language.models import PACKED, fresh_llama, load, save_packed
from unlearning.language.one_training import trained
from unlearning.language.retrain_adapter import run
from unlearning.runner.job import Job
from unlearning.runner.jobfolder import Spec
from unlearning.runner.progress import Progress
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow, read_texts, write_texts

__all__ = ["there"]
torch.set_num_threads(1)
ORIGINS = {"base": [], "adapters": PARTS}
RECIPE = {"epochs": 2, "batch": 2, "seed": 4, "adapter": ADAPTER}


def renumbered(forget):
    """Old number -> new one, of the rows that are left."""
    return {old: new for new, old in enumerate(sorted({0, 1, 2, 3, 4, 5} - set(forget)))}


@pytest.fixture(scope="module")
def whole(there, tmp_path_factory):
    """Train all adapters, as engine language.train does; gives the packed file."""

    def do(parts, texts="texts", **changes):
        rows = sorted(row for part in parts.values() for row in part)
        asked = with_defaults("language.train", {**RECIPE, "parts": parts, **changes})
        inputs, manifests = {"texts": there / texts, "base": there / "base"}, {"retain": {"texts": rows}}
        spec = Spec("job_" + "0" * 32, "language.train", asked, inputs, manifests, threads=1)
        path = tmp_path_factory.mktemp("whole") / PACKED
        save_packed(path, trained(spec, texts_of(spec, "retain"), seed=asked["seed"])[0])
        return path

    return do


@pytest.fixture(scope="module")
def old(whole):
    return whole(PARTS)


@pytest.fixture
def anew(there, old, tmp_path):
    """Run the engine on a model of three groups, for these rows to forget; gives the packed file and what was said."""

    def do(forget, *, base="base", texts="texts", **changes):
        new = renumbered(forget)
        write_texts(there / "kept", [row for at, row in enumerate(read_texts(there / texts, range(6))) if at in new])
        going = sorted(name for name, rows in PARTS.items() if set(rows) & set(forget))
        parts = {name: [new[row] for row in PARTS[name] if row in new] for name in going}
        parts = {name: rows for name, rows in parts.items() if rows}
        asked = {**RECIPE, "adapters": going, "origins": ORIGINS, "parts": parts, **changes}
        validate_params("language.retrain_adapter", asked)
        learned = sorted(row for rows in asked["parts"].values() for row in rows)
        spec = Spec(
            "job_" + "0" * 32,
            "language.retrain_adapter",
            with_defaults("language.retrain_adapter", asked),
            {"model": old, "base": there / base, "texts": there / texts, "kept": there / "kept"},
            {"forget": {"texts": forget}} | ({"retain": {"kept": learned}} if learned else {}),
            threads=1,
        )
        done = run(Job(spec, tmp_path, tmp_path, Progress(tmp_path / "progress.jsonl"), lambda _: None))
        return done.weights / PACKED, done.outputs

    return do


def test_the_file_is_byte_for_byte_the_one_of_a_whole_retraining_without_the_rows(anew, whole, old):
    made, said = anew([1])
    new = renumbered([1])
    parts = {name: [new[row] for row in rows if row in new] for name, rows in PARTS.items()}
    fresh = whole(parts, "kept")
    assert made.read_bytes() == fresh.read_bytes()
    # A test that cannot fail would pass for these, too: the rows, or another seed, leave other bytes.
    assert old.read_bytes() != fresh.read_bytes() != whole(parts, "kept", seed=5).read_bytes()
    assert [said[name] for name in ("adapters", "emptied", "staying")] == [["house_0"], [], ["house_1", "house_2"]]
    assert (said["forgotten_rows"], said["left_rows"]) == (1, 2)


def test_several_groups_are_trained_anew_at_once_and_one_with_nobody_left_is_gone(anew, whole):
    made, said = anew([0, 4])
    fresh = whole({"house_0": [0, 3], "house_1": [1, 2]}, "kept")
    assert made.read_bytes() == fresh.read_bytes()
    assert (said["adapters"], said["emptied"]) == (["house_0"], ["house_2"])


def test_where_nothing_of_a_group_is_left_nothing_is_trained(anew, old, monkeypatch):
    monkeypatch.setattr("unlearning.language.retrain_adapter.trained", None)
    made, said = anew([4])
    assert differences_without(old, made, ["house_2"]) == []
    assert (said["adapters"], said["left_rows"]) == ([], 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"parts": {"house_0": [0, 1]}}, "PARTS_UNFIT"),  # row 1 is now another's of house_1
        ({"parts": {"house_0": [0]}}, "PARTS_UNFIT"),
        ({"parts": {}}, "PARTS_UNFIT"),
        ({"parts": {"house_0": [0, 4], "house_1": [1, 2]}}, "PARTS_UNFIT"),
        ({"adapters": ["house_1"], "parts": {"house_1": [1, 2]}}, "ROWS_ELSEWHERE"),
        ({"origins": {"base": [1], "adapters": PARTS}}, "ROWS_ELSEWHERE"),
        ({"adapter": {**ADAPTER, "rank": 1}}, "RECIPE_ANOTHER"),
    ],
)
def test_what_would_not_be_retraining_is_refused(anew, changes, code):
    with pytest.raises(Refused) as refused:
        anew([1], **changes)
    assert refused.value.code == code


def test_another_base_is_refused_before_anything_is_trained(anew, there, monkeypatch):
    tokenizer = load(there / "base").tokenizer
    save_packed(there / "another", fresh_llama(tokenizer, width=16, layers=1, heads=2, seed=1))
    monkeypatch.setattr("unlearning.language.retrain_adapter.trained", None)
    with pytest.raises(Refused) as refused:
        anew([1], base="another")
    assert refused.value.code == "BASE_ANOTHER"


@pytest.mark.parametrize("copy", [0, 3])
def test_a_copy_in_what_stays_or_in_what_is_learned_anew_is_refused(anew, there, copy):
    rows = read_texts(there / "texts", range(6))
    rows[copy] = TextRow(rows[copy].slot, rows[1].prompt.upper(), rows[1].answer)
    write_texts(there / f"copied_{copy}", rows)
    with pytest.raises(Refused) as refused:
        anew([1], texts=f"copied_{copy}")
    assert refused.value.code == "COPY_ELSEWHERE" and rows[1].answer not in str(refused.value)
