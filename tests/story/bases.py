"""A small public base and a publisher whose model is an adapter on it: for stories of fine-tuning."""

from pathlib import Path
from typing import Any

from governance.lineage import services as lineage
from governance.lineage.models import Base
from tests.story.writers import PROBLEM, Press
from unlearning.language.authors import public_text
from unlearning.language.models import fresh_llama, save_packed
from unlearning.language.tokenizers import trained_tokenizer

SOURCE = "Nobody's small Llama, revision 1"
ADAPTER = {"name": "house", "rank": 4, "targets": ["q_proj", "v_proj", "gate_proj", "up_proj", "down_proj"]}
TUNING: dict[str, Any] = {
    **{name: PROBLEM[name] for name in ("most_tokens", "epochs", "batch")},
    **{"lr": 2e-2, "adapter": ADAPTER},
}


def packed_base(path: Path, *, seed: int = 7) -> Path:
    """Random weights from a seed: taught by nobody, which is as public as a base can be."""
    tokenizer = trained_tokenizer(public_text(), vocabulary=PROBLEM["vocabulary"])
    sizes = {name: PROBLEM[name] for name in ("width", "layers", "heads")}
    save_packed(path, fresh_llama(tokenizer, **sizes, seed=seed))
    return path


class TunedPress(Press):
    """The publisher's model is a LoRA adapter on a base that others taught."""

    problem = TUNING

    def __init__(self, folk: Any, folder: Path) -> None:
        self.folder = folder
        super().__init__(folk)

    def registered(self, name: str, **more: Any) -> Any:
        return super().registered(name, **{"base": self.base(), **more})

    def base(self) -> Base:
        known = Base.objects.filter(name="small base").first()
        file = self.folder / "base.safetensors"
        return known or lineage.register_base(
            name="small base", file=packed_base(file), source=SOURCE, actor=self.operator
        )
