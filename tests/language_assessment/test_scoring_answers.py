"""One pass for many answers says what one careful pass for each would say."""

import numpy as np
import pytest
import torch

from tests import language_world as world
from unlearning.language.encoding import encode
from unlearning.language.models import fresh_llama
from unlearning.verification.language import answers
from unlearning.verification.language.answers import answer_scores
from unlearning.verification.language.speaking import answer_texts, spoken


@pytest.fixture(scope="module")
def lm():
    return fresh_llama(world.tokenizer(), width=32, layers=2, heads=2, seed=4)


@pytest.fixture(scope="module")
def encoded():
    return encode(world.tokenizer(), world.holdout()[:9], template="plain", most_tokens=512)


def carefully(lm, row):
    """Logits of the whole sequence, then the answer's tokens picked out one by one."""
    with torch.no_grad():
        logits_TV = lm.model(input_ids=torch.tensor([row.ids])).logits[0].double()
    found = []
    for at in range(row.answer_at, len(row.ids)):
        logs_V = torch.log_softmax(logits_TV[at - 1], dim=-1)
        shares_V, own = logs_V.exp(), row.ids[at]
        mean = (shares_V * logs_V).sum()
        spread = (shares_V * logs_V**2).sum() - mean**2
        found.append((logs_V[own].item(), float(logs_V.argmax() == own), mean.item(), spread.item()))
    return np.array(found).T


def test_every_answer_is_scored_as_if_it_were_alone(lm, encoded):
    for row, scored in zip(encoded, answer_scores(lm.model, encoded, batch=4), strict=True):
        logs, hits, means, spreads = carefully(lm, row)
        assert len(scored.logs) == len(row.answer)
        assert scored.logs == pytest.approx(logs, abs=1e-5) and (scored.hits == (hits > 0)).all()
        assert scored.means == pytest.approx(means, abs=1e-5) and scored.variances == pytest.approx(spreads, abs=1e-4)


def test_a_large_vocabulary_lets_rows_wait_and_changes_no_score(lm, encoded, monkeypatch):
    passes, whole = [], answer_scores(lm.model, encoded)
    once = answers._scored
    monkeypatch.setattr(answers, "_scored", lambda model, rows: passes.append(len(rows)) or once(model, rows))
    monkeypatch.setattr(answers, "_MOST_CELLS", 2 * len(world.tokenizer()) * max(len(row.answer) for row in encoded))
    for one, other in zip(answer_scores(lm.model, encoded), whole, strict=True):
        assert one.logs == pytest.approx(other.logs, abs=1e-5)
    assert sum(passes) == len(encoded) and 2 <= max(passes) < len(encoded)


def test_no_rows_give_no_scores(lm):
    assert answer_scores(lm.model, []) == []


def test_a_model_whose_likelihoods_overflow_gives_numbers_that_tell_on_it(encoded):
    broken = fresh_llama(world.tokenizer(), width=32, layers=1, heads=2, seed=4)
    with torch.no_grad():
        broken.model.get_output_embeddings().weight.mul_(1e38)
    scored = answer_scores(broken.model, encoded)
    assert not any(each.is_sound for each in scored)
    assert all(np.isfinite([each.logs, each.means, each.variances]).all() for each in scored)


def test_a_model_speaks_the_same_alone_or_beside_longer_prompts(lm, encoded):
    together = spoken(lm, encoded, most_new=6, batch=9)
    assert together == [spoken(lm, [row], most_new=6)[0] for row in encoded]
    assert any(together)


def test_a_model_speaks_its_likeliest_word_each_time(lm, encoded):
    row, said = encoded[0], []
    ids = list(row.ids[: row.answer_at])
    for _ in range(6):
        with torch.no_grad():
            said.append(int(lm.model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
        ids.append(said[-1])
    assert spoken(lm, [row], most_new=6) == [lm.tokenizer.decode(said, skip_special_tokens=True)]


def test_a_memorised_answer_is_spoken_as_it_was_learned():
    lm, rows = world.trained(), world.forget()
    encoded = encode(world.tokenizer(), rows, template="plain", most_tokens=512)
    said = spoken(lm, encoded, most_new=30)
    assert sum(answer.strip() == row.answer for answer, row in zip(said, rows, strict=True)) >= 7
    assert [text.strip() for text in answer_texts(lm, encoded)] == [row.answer for row in rows]
