"""What the language engines read from a job: text rows that a manifest lists, and where a training starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from unlearning.language.authors import public_text
from unlearning.language.models import LanguageModel, fresh_llama, load
from unlearning.language.tokenizers import load_tokenizer, trained_tokenizer
from unlearning.parameters.language import ARCHITECTURE, PRESETS
from unlearning.runner.jobfolder import Spec
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow, read_texts


def texts_of(spec: Spec, manifest: str) -> list[TextRow]:
    """The rows of input `texts` that a manifest lists; no other row is looked at.

    Raises: Refused with INPUT_MISSING, MANIFEST_MISSING or a code of `read_texts`.
    """
    for kind, name, there in (
        ("INPUT_MISSING", "input 'texts'", "texts" in spec.inputs),
        ("MANIFEST_MISSING", f"manifest {manifest!r} for it", "texts" in spec.manifests.get(manifest, {})),
    ):
        if not there:
            raise Refused(kind, f"{spec.engine} needs {name}.", "Add it to the spec.")
    return read_texts(spec.inputs["texts"], spec.manifests[manifest]["texts"])


def start_of(spec: Spec, *, seed: int) -> LanguageModel:
    """Input `base` if there is one; else a Llama drawn from the seed, its tokenizer from input `tokenizer` or from the
    public text, never from the rows.

    Raises: Refused with INPUTS_CONFLICT, BASE_MISSING, or a code of the model or the tokenizer.
    """
    given = sorted(set(ARCHITECTURE) & set(spec.params))
    if "base" in spec.inputs:
        if given or "tokenizer" in spec.inputs:
            raise Refused(
                "INPUTS_CONFLICT",
                f"expected a base alone, got {', '.join(given) or 'a tokenizer'} beside it.",
                "Leave them out: a base has its own sizes and tokenizer.",
            )
        return load(spec.inputs["base"])
    if "adapter" in spec.params:
        raise Refused("BASE_MISSING", "expected an input base under the adapter.", "Add it, or train without adapter.")
    sizes = sizes_of(spec.params)
    if "tokenizer" in spec.inputs:
        tokenizer = load_tokenizer(spec.inputs["tokenizer"])
    else:
        tokenizer = trained_tokenizer(public_text(), vocabulary=sizes["vocabulary"])
    return fresh_llama(tokenizer, width=sizes["width"], layers=sizes["layers"], heads=sizes["heads"], seed=seed)


def sizes_of(params: Mapping[str, Any]) -> dict[str, int]:
    """The preset's sizes with the given ones in their place."""
    preset = PRESETS[params.get("preset", "ci")]
    return {name: int(params.get(name, size)) for name, size in preset.items()}
