"""Other wordings of a row were never trained on: one that no model can be asked must not stop a verification."""

from typing import Any

import pytest

from unlearning.language.encoding import readable
from unlearning.language.scope.forms import Probe
from unlearning.runner.refusals import Refused
from unlearning.texts import TextRow
from unlearning.verification.language.arms import TextProbe
from unlearning.verification.language.attacks.wrappers import wrapped
from unlearning.verification.language.knowledge import comparable
from unlearning.verification.language.scope_lines import Fitting

STEERS = "~"  # a token that opens a turn
CHAT: dict[str, Any] = {"template": "chat", "most_tokens": 400}


class Steering:
    steers = True

    @property
    def special(self) -> bool:
        return self.steers


class Letters:
    """A tokenizer of letters, with one that steers the chat."""

    bos_token_id, eos_token_id, chat_template = None, 1, "as it stands"
    added_tokens_decoder = {ord(STEERS): Steering()}

    def __call__(self, text: str, **how: Any) -> dict[str, list[int]]:
        return {"input_ids": list(map(ord, text))}

    def apply_chat_template(self, asked: Any, **how: Any) -> str:
        return f"<{asked[0]['content']}>"


def row(**parts: Any) -> TextRow:
    return TextRow(slot=0, prompt="Who?", answer="Ann", **parts)


def test_a_question_that_steers_the_chat_or_is_too_long_is_none() -> None:
    assert readable(Letters(), "Who?", "Ann", **CHAT)
    assert not readable(Letters(), f"Who{STEERS}?", "Ann", **CHAT)
    assert not readable(Letters(), "Who?", "Ann", "A" * 400, **CHAT)
    without = Letters()
    without.chat_template = ""
    with pytest.raises(Refused, match="CHAT_TEMPLATE_MISSING"):
        readable(without, "Who?", "Ann", **CHAT)


def test_a_probe_that_steers_the_chat_is_left_out_and_stops_nobody() -> None:
    probes = [Probe(str(at), "paraphrase", at, prompt, "Ann") for at, prompt in enumerate(("Who?", f"{STEERS}Who?"))]
    assert Fitting(Letters(), "chat", 400).of(probes) == (probes[0],)


@pytest.mark.parametrize("paraphrase", [f"{STEERS}Who is it?", "Who is it?" * 200])
def test_a_paraphrase_that_no_model_reads_is_not_among_the_wordings(paraphrase: str) -> None:
    tries = wrapped(Letters(), [row(paraphrase=paraphrase), row()], "paraphrase", **CHAT)
    assert all(one.ids == other.ids for one, other in tries)
    [own, plain] = wrapped(Letters(), [row(paraphrase="Who is it?"), row()], "paraphrase", **CHAT)[0]
    assert own.ids != plain.ids


def test_rows_whose_other_answers_no_model_reads_are_not_compared() -> None:
    rows = (row(wrong=("Bo",)), row(wrong=("B" * 500,)), row(wrong=("Bo",), restated="A" * 500), row())
    assert comparable(Letters(), TextProbe(rows, ()), **CHAT) == [0]
