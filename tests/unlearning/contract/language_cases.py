"""Tiny language models for the contract: trained once for all engines, as torch and transformers are slow to load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIZES = {"width": 16, "layers": 1, "heads": 2, "vocabulary": 300}
TAUGHT = {"epochs": 2, "batch": 4}
# Rows of input `texts`: what the model learned, what its adapter alone learned, and what nothing ever saw.
BASE, ADAPTER, UNSEEN = list(range(8)), list(range(8, 12)), list(range(12, 20))
LEARNED = {"retain": {"texts": BASE}}
IN_TWO = {"house_0": ADAPTER[:2], "house_1": ADAPTER[2:]}
GROUPED = {"adapter": {"name": "house", "rank": 2, "groups": 2}, "parts": IN_TWO}


def write_objects(folder: Path) -> dict[str, Path]:
    """Write texts, a model, the same with an adapter, and a model of another seed; gives their paths by name."""
    import torch

    from unlearning.language.authors import made_authors
    from unlearning.texts import write_texts

    torch.set_num_threads(1)  # the same bytes are promised on one thread only
    texts = folder / "texts"
    write_texts(texts, [row for author in made_authors(authors=5, questions=4, seed=0) for row in author.rows])
    model = _trained(folder / "model", SIZES, LEARNED, {"texts": texts})
    adapter = {"adapter": {"name": "anna", "rank": 2}}
    adapted = _trained(folder / "adapted", adapter, {"retain": {"texts": ADAPTER}}, {"texts": texts, "base": model})
    grouped = _trained(folder / "grouped", GROUPED, {"retain": {"texts": ADAPTER}}, {"texts": texts, "base": model})
    objects = {"texts": texts, "model": model, "adapted": adapted, "grouped": grouped}
    return {**objects, "other": _untrained(folder / "other", model)}


def _trained(folder: Path, params: dict[str, Any], manifests: dict[str, Any], inputs: dict[str, Path]) -> Path:
    """As engine language.train does it."""
    from unlearning.catalog import with_defaults
    from unlearning.language.inputs import texts_of
    from unlearning.language.models import PACKED, save_packed
    from unlearning.language.one_training import trained
    from unlearning.runner.jobfolder import Spec

    asked = with_defaults("language.train", TAUGHT | params)
    spec = Spec("job_" + "0" * 32, "language.train", asked, inputs, manifests, threads=1)
    save_packed(folder / PACKED, trained(spec, texts_of(spec, "retain"), seed=0)[0])
    return folder


def _untrained(folder: Path, like: Path) -> Path:
    """Of another seed and the same tokenizer: a model is not compared with itself."""
    from unlearning.language.models import PACKED, fresh_llama, load, save_packed

    save_packed(folder / PACKED, fresh_llama(load(like).tokenizer, width=16, layers=1, heads=2, seed=5))
    return folder


def language_case(engine: str, objects: dict[str, Path]) -> dict[str, Any]:
    """Parameters, inputs and manifests of a sound job."""
    texts, model = objects["texts"], objects["model"]
    seen_and_not = {"forget": {"texts": BASE[:4]}, "retain": {"texts": BASE[4:]}, "holdout": {"texts": UNSEEN}}
    verified = {"candidate": model, "original": model, "reference_0": objects["other"], "texts": texts}
    origins = {"base": BASE, "adapters": {"anna": ADAPTER}}
    return {
        "language.train": _job(SIZES | TAUGHT, {"texts": texts}, LEARNED),
        "language.references": _job(SIZES | TAUGHT | {"seeds": [3, 5], "cores": 1}, {"texts": texts}, LEARNED),
        "language.unlearn": _job({"method": "npo", "epochs": 2}, {"model": model, "texts": texts}, seen_and_not),
        "language.drop": _job(
            {"adapters": ["anna"], "origins": origins},
            {"model": objects["adapted"], "texts": texts},
            {"forget": {"texts": ADAPTER}},
        ),
        "language.retrain_adapter": _job(
            {
                **TAUGHT,
                **GROUPED,
                **{"parts": {"house_0": ADAPTER[1:2]}, "adapters": ["house_0"]},
                "origins": {"base": BASE, "adapters": IN_TWO},
            },
            {"model": objects["grouped"], "base": model, "texts": texts, "kept": texts},
            {"forget": {"texts": ADAPTER[:1]}, "retain": {"kept": ADAPTER[1:2]}},
        ),
        "verify.language": _job({"most_new": 4}, verified, seen_and_not),
    }[engine]


def _job(params: dict[str, Any], inputs: dict[str, Path], manifests: dict[str, Any]) -> dict[str, Any]:
    return {"params": params, "inputs": inputs, "manifests": manifests}
