"""What each of two processes does: train in company and in shards, and hold the weights against a training alone."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import torch

from unlearning.language.adapters import with_adapter
from unlearning.language.authors import made_authors, public_text
from unlearning.language.distributed.company import ALONE, Company, ShardedCompany
from unlearning.language.distributed.joining import joined
from unlearning.language.distributed.placing import placed
from unlearning.language.models import LanguageModel, fresh_llama
from unlearning.language.tokenizers import trained_tokenizer
from unlearning.language.training import backward_token_mean, fit

# 13 rows in batches of 5, 5 and 3: shards of 3 and 2, 3 and 2, 2 and 1. With `single` a batch of 1 leaves one empty.
ROWS, BATCH, STEPS = 13, 5, 20


def small_model() -> LanguageModel:
    tokenizer = trained_tokenizer(public_text()[:40], vocabulary=300)
    return fresh_llama(tokenizer, width=32, layers=2, heads=2, seed=0)


def trained(start: LanguageModel, company: Company, rows: int) -> dict[str, torch.Tensor]:
    lm = LanguageModel(copy.deepcopy(start.model), start.tokenizer)
    people = made_authors(authors=1, questions=rows, seed=0)
    recipe: dict[str, Any] = {"epochs": -(-STEPS // -(-rows // BATCH)), "batch": BATCH, "lr": 5e-4, "seed": 0}
    recipe |= {"weight_decay": 0.01, "template": "plain", "accumulation": 2}
    done = fit(lm, people[0].rows, **recipe, company=company)
    assert done.steps >= STEPS
    return dict(lm.model.state_dict())


def farthest(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> float:
    return max(float((one[name] - other[name]).abs().max()) for name in one)


def sharded_distance(start: LanguageModel, company: Company) -> float:
    """The largest difference of weights after five steps with weights in shards."""
    from unlearning.language.distributed.sharding import hand_back, sharded
    from unlearning.language.encoding import encode

    rows = encode(
        start.tokenizer, made_authors(authors=1, questions=5, seed=1)[0].rows, template="plain", most_tokens=99
    )
    alone, ours = copy.deepcopy(start.model), sharded(copy.deepcopy(start.model))
    for model, who in ((alone, ALONE), (ours, company)):
        optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
        for _ in range(5):
            optimiser.zero_grad()
            backward_token_mean(model, rows, accumulation=1, company=who)
            optimiser.step()
    whole = copy.deepcopy(start.model)
    hand_back(ours, whole)
    return company.sum(farthest(dict(whole.state_dict()), dict(alone.state_dict())))


def two_adapters(start: LanguageModel, company: Company) -> dict[str, torch.Tensor]:
    """Two adapters, one after the other; what was learned first must not be lost while the second is trained."""
    lm = LanguageModel(copy.deepcopy(start.model), start.tokenizer)
    recipe: dict[str, Any] = {"epochs": 1, "batch": 5, "lr": 1e-2, "seed": 0, "weight_decay": 0.0, "template": "plain"}
    for name, person in zip(("first", "second"), made_authors(authors=2, questions=5, seed=1), strict=True):
        lm = with_adapter(lm, rank=2, name=name, targets=["q_proj"])
        with placed(lm, company) as there:
            fit(there, person.rows, **recipe, company=company)
    return {name: value for name, value in lm.model.state_dict().items() if ".lora_" in name}


def main(folder: Path) -> None:
    """Leaves found.json: the sum over both processes of the largest difference of a weight."""
    torch.set_num_threads(1)
    with joined() as company:
        start = small_model()
        alone = trained(start, ALONE, ROWS)
        # Whole weights on each process, also where accelerate was asked for shards: those refuse an empty share.
        whole, shards = (kind(company.rank, company.world) for kind in (Company, ShardedCompany))
        found = {
            "world": company.world,
            "unequal": company.sum(farthest(trained(start, whole, ROWS), alone)),
            "moved": farthest(alone, dict(start.model.state_dict())),
            "empty": company.sum(farthest(trained(start, whole, 6), trained(start, ALONE, 6))),
            "sharded": sharded_distance(start, company),
            "adapters": company.sum(farthest(two_adapters(start, shards), two_adapters(start, ALONE))),
        }
        if company.leads:
            (folder / "found.json").write_text(json.dumps(found))
    if left := [name for name in threads() if "gloo" in name]:
        raise SystemExit(f"expected no thread of a group that has ended, found {left}; one may abort Python's end.")


def threads() -> list[str]:
    """The names of this process's threads, as the system knows them."""
    return [(task / "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
