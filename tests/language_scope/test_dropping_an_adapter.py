"""Engine language.drop: the same bytes as if the adapter had never been, or a refusal."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from tests.unlearning.conftest import lay_out, run_here, run_job, start_job
from unlearning.catalog import WrongParamsError, validate_params, with_defaults
from unlearning.language.authors import made_authors
from unlearning.language.dropping import Dropped, Origins, drop
from unlearning.language.inputs import texts_of
from unlearning.language.models import save_packed
from unlearning.language.one_training import trained
from unlearning.runner.jobfolder import Spec
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow, write_texts

__all__ = ["lay_out", "run_here", "run_job", "start_job"]
torch.set_num_threads(1)
TINY = {"width": 16, "layers": 1, "heads": 2, "vocabulary": 300}
TAUGHT = {"epochs": 2, "batch": 4}
BASE, ANNA, BEN = list(range(4)), list(range(4, 8)), list(range(8, 12))
ORIGINS = {"base": BASE, "adapters": {"anna": ANNA, "ben": BEN}}
PACKED = "model.safetensors"


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    rows = [row for author in made_authors(authors=3, questions=4, seed=0) for row in author.rows]
    path = tmp_path_factory.mktemp("rows") / "texts"
    write_texts(path, rows)
    return path


@pytest.fixture(scope="module")
def train(texts, tmp_path_factory):
    """Train a base, or an adapter on it, as engine language.train does; gives the packed file."""

    def do(rows, *, base=None, adapter=None, seed=0):
        params = {**TAUGHT, "seed": seed, **({"adapter": {"name": adapter, "rank": 2}} if adapter else TINY)}
        spec = Spec(
            job="job_" + "0" * 32,
            engine="language.train",
            params=with_defaults("language.train", params),
            inputs={"texts": texts} | ({"base": base} if base else {}),
            manifests={"retain": {"texts": rows}},
            threads=1,
        )
        path = tmp_path_factory.mktemp("weights") / PACKED
        save_packed(path, trained(spec, texts_of(spec, "retain"), seed=seed)[0])
        return path

    return do


@pytest.fixture(scope="module")
def stack(train):
    """A base, and on it anna's adapter, and on both ben's."""
    base = train(BASE)
    return base, train(BEN, base=train(ANNA, base=base, adapter="anna", seed=1), adapter="ben", seed=2)


@pytest.fixture
def dropped(lay_out, run_here, texts):
    def do(model, *, adapters=("anna",), forget=tuple(ANNA), origins=ORIGINS):
        params = {"adapters": list(adapters), "origins": origins}
        folder = lay_out(
            "language.drop",
            params,
            inputs={"model": model, "texts": texts},
            manifests={"forget": {"texts": list(forget)}},
        )
        run_here(folder)
        return folder

    return do


def test_the_file_is_byte_for_byte_the_one_that_never_had_the_adapter(stack, train, dropped):
    base, both = stack
    only_ben = train(BEN, base=base, adapter="ben", seed=2)
    folder = dropped(both)
    assert (folder / "weights" / PACKED).read_bytes() == only_ben.read_bytes()
    assert both.read_bytes() != only_ben.read_bytes()


def test_dropping_the_last_one_leaves_the_base_to_the_byte(stack, dropped):
    base, both = stack
    folder = dropped(both, adapters=["anna", "ben"], forget=[*ANNA, *BEN])
    assert (folder / "weights" / PACKED).read_bytes() == base.read_bytes()


def test_the_result_says_what_went_and_whose_rows_went_with_it(stack, texts, tmp_path):
    asked = {"adapters": ["anna"], "forget": ANNA[:1], "texts": texts, "origins": Origins.of(ORIGINS)}
    said = drop(stack[1], tmp_path / "out", **asked)
    assert said == Dropped(adapters=("anna",), staying=("ben",), forgotten_rows=1, lost_rows=3)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"origins": {"base": [*BASE, 5], "adapters": ORIGINS["adapters"]}}, "ROWS_ELSEWHERE"),
        ({"origins": {"base": BASE, "adapters": {"anna": ANNA, "ben": [*BEN, 4]}}}, "ROWS_ELSEWHERE"),
        ({"forget": [*ANNA, 0]}, "ROWS_ELSEWHERE"),
        ({"forget": [*ANNA, *BEN]}, "ROWS_ELSEWHERE"),
        ({"origins": {"base": BASE, "adapters": {"anna": ANNA}}}, "ORIGIN_UNTOLD"),
        ({"origins": {"base": BASE, "adapters": {"anna": ANNA, "ben": BEN, "cleo": [1]}}}, "ORIGIN_UNTOLD"),
        ({"origins": {"base": BASE, "adapters": {"anna": ANNA[:2], "ben": BEN}}}, "ROWS_UNTOLD"),
        ({"adapters": ["cleo"]}, "ADAPTER_UNKNOWN"),
        ({"forget": []}, "NO_ROWS"),
    ],
)
def test_what_would_not_be_retraining_is_refused(stack, dropped, change, code):
    with pytest.raises(Refused) as refused:
        dropped(stack[1], **change)
    assert refused.value.code == code


def test_a_copy_of_the_words_under_another_number_is_refused(stack, tmp_path):
    rows = [row for author in made_authors(authors=3, questions=4, seed=0) for row in author.rows]
    own = rows[ANNA[0]]
    rows[BEN[0]] = TextRow(BEN[0], f"  {own.prompt.upper()} ", own.answer)
    write_texts(tmp_path / "copied", rows)
    with pytest.raises(Refused) as refused:
        drop(
            stack[1],
            tmp_path / "out",
            adapters=["anna"],
            forget=ANNA,
            texts=tmp_path / "copied",
            origins=Origins.of(ORIGINS),
        )
    assert refused.value.code == "COPY_ELSEWHERE"
    assert own.answer not in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_weights_of_an_adapter_that_the_file_does_not_name_are_refused(stack, texts, tmp_path):
    with safe_open(stack[1], "pt") as file:
        public = file.metadata()["obelus"]
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    save_file({**tensors, "adapter:ghost:weight": torch.ones(1)}, tmp_path / "odd", metadata={"obelus": public})
    with pytest.raises(Refused) as refused:
        drop(
            tmp_path / "odd",
            tmp_path / "out",
            adapters=["anna"],
            forget=ANNA,
            texts=texts,
            origins=Origins.of(ORIGINS),
        )
    assert refused.value.code == "MODEL_UNREADABLE"


def test_half_precision_survives_the_drop_to_the_bit(stack, texts, tmp_path):
    with safe_open(stack[1], "pt") as file:
        public = file.metadata()["obelus"]
        tensors = {name: file.get_tensor(name).bfloat16() for name in file.keys()}  # noqa: SIM118 - no mapping
    save_file(tensors, tmp_path / "half", metadata={"obelus": public})
    origins = Origins.of(ORIGINS)
    drop(tmp_path / "half", tmp_path / "out", adapters=["anna"], forget=ANNA, texts=texts, origins=origins)
    with safe_open(tmp_path / "out", "pt") as file:
        assert set(json.loads(file.metadata()["obelus"])["adapters"]) == {"ben"}
        for name in file.keys():  # noqa: SIM118 - no mapping
            assert ":anna:" not in name
            assert torch.equal(file.get_tensor(name), tensors[name])


@pytest.mark.parametrize(
    "params",
    [
        {"adapters": [], "origins": ORIGINS},
        {"adapters": ["anna"]},
        {"adapters": ["anna"], "origins": {"adapters": {"anna": ANNA}}},
        {"adapters": ["Anna Lee"], "origins": ORIGINS},
        {"adapters": ["anna"], "origins": {"base": BASE, "adapters": {"anna": []}}},
    ],
)
def test_parameters_that_leave_something_open_are_refused(params):
    with pytest.raises(WrongParamsError):
        validate_params("language.drop", params)


@pytest.mark.slow
def test_the_engine_runs_by_the_runner_and_refuses_with_its_code(stack, texts, lay_out, run_job):
    def done(forget):
        folder = lay_out(
            "language.drop",
            {"adapters": ["anna"], "origins": ORIGINS},
            inputs={"model": stack[1], "texts": texts},
            manifests={"forget": {"texts": forget}},
        )
        return run_job(folder).returncode, json.loads((folder / "result.json").read_text())

    code, result = done(ANNA)
    assert code == 0 and result["outputs"]["staying"] == ["ben"] and "lineage" in result["outputs"]["why"]
    code, result = done([*ANNA, *BEN])
    assert code == 64 and "ROWS_ELSEWHERE" in json.dumps(result)
