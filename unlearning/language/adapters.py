"""LoRA adapters (arXiv 2106.09685) through peft: one or several by name, each droppable by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from unlearning.language.lora import attached
from unlearning.language.models import LanguageModel
from unlearning.runner.refusals import Refused


def with_adapter(
    lm: LanguageModel,
    *,
    rank: int = 8,
    alpha: float = 16.0,
    seed: int = 0,
    name: str = "default",
    targets: Sequence[str] | None = None,
) -> LanguageModel:
    """The model with one more adapter, which alone is trainable and starts as no change at all.

    targets: names of the linear layers that get one; without, all but the output head.
    Raises: Refused with ADAPTER_REPEATED or ADAPTER_UNSUITABLE.
    """
    if name in adapters_of(lm):
        raise Refused("ADAPTER_REPEATED", "expected a new adapter name, it is taken.", "Choose another name.")
    model = attached(lm.model, name=name, rank=rank, alpha=alpha, targets=targets, seed=seed)
    adapted = LanguageModel(model, lm.tokenizer)
    use(adapted, [name], trained=name)
    model.eval()
    return adapted


def adapters_of(lm: LanguageModel) -> list[str]:
    """Names of the adapters, none for a plain model."""
    return list(getattr(lm.model, "peft_config", {}))


def use(lm: LanguageModel, names: Sequence[str], *, trained: str | None = None) -> None:
    """Switch these adapters on and the others off; only `trained` may move, the model underneath never does.

    Raises: Refused with ADAPTER_UNKNOWN.
    """
    _known(lm, [*names, *([] if trained is None else [trained])])
    lm.model.base_model.set_adapter(list(names))
    # The whole pattern: an adapter may be called "model", which is in the path of every weight.
    mine = None if trained is None else re.compile(rf"\.lora_\w+\.{re.escape(trained)}(\.|$)")
    for key, value in lm.model.named_parameters():
        value.requires_grad_(mine is not None and mine.search(key) is not None)


def dropped(lm: LanguageModel, name: str) -> LanguageModel:
    """The model without this adapter: what was trained into it alone is gone with it. The last leaves a plain model.

    Raises: Refused with ADAPTER_UNKNOWN.
    """
    _known(lm, [name])
    rest = [other for other in adapters_of(lm) if other != name]
    if not rest:
        return LanguageModel(_freed(lm.model.unload()), lm.tokenizer)
    lm.model.delete_adapter(name)
    # Where several stay peft goes on calling the one that is gone the active one, and fails when asked for its kind.
    lm.model.active_adapter = rest[0]
    use(lm, rest)
    return lm


def merged(lm: LanguageModel) -> LanguageModel:
    """A plain model with the adapters that are switched on added to its weights; a plain one comes back as it is."""
    if not adapters_of(lm):
        return lm
    return LanguageModel(_freed(lm.model.merge_and_unload(safe_merge=True)), lm.tokenizer)


def _freed(model: Any) -> Any:
    model.requires_grad_(True)
    model.eval()
    return model


def _known(lm: LanguageModel, names: Sequence[str]) -> None:
    if missing := set(names) - set(adapters_of(lm)):
        raise Refused(
            "ADAPTER_UNKNOWN", f"expected names of adapters, {len(missing)} of them are none.", "Look at adapters_of."
        )
