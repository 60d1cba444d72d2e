"""A killed run that goes on gives the bytes of one that was never killed."""

import os
import signal

import pytest
from safetensors import safe_open

from tests import language_world as world
from tests.language_methods.method_world import TO_THE_END, tiny
from unlearning.language.models import save_packed
from unlearning.language.resuming import BEST, STATE
from unlearning.language.unlearning import unlearn_in_place
from unlearning.runner.refusals import Refused

STEPS = 8
OPTIONS = TO_THE_END | {"epochs": 4, "save_every": 3, "utility_floor": 0.05}


class KilledError(Exception):
    """Stands in for a kill where a process of its own would cost too much."""


def run(resume, *, method="npo", told=None, seed=3, **options):
    sides = world.forget(), world.retain()[:12], world.holdout()[:4]
    given = {"params": OPTIONS | options, "seed": seed, "told": told, "resume": resume}
    return unlearn_in_place(tiny(), *sides, method=method, **given)


def bytes_of(done, path):
    save_packed(path, done.lm)
    return path.read_bytes()


def dying_at(step):
    def told(now, _steps):
        if now == step:
            raise KilledError

    return told


def test_after_kill_9_the_second_attempt_ends_with_the_same_bytes(tmp_path):
    whole = bytes_of(run(tmp_path / "whole"), tmp_path / "whole.safetensors")
    child = os.fork()
    if not child:
        run(tmp_path / "resume", told=lambda now, _: now == 7 and os.kill(os.getpid(), signal.SIGKILL))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert (tmp_path / "resume" / STATE).exists()
    steps = []
    done = run(tmp_path / "resume", told=lambda now, _: steps.append(now))
    assert steps == [7, 8]  # the state of step 6 was kept
    assert bytes_of(done, tmp_path / "resumed.safetensors") == whole


@pytest.mark.parametrize(("method", "step"), [("rmu", 2), ("kl", 4), ("idk_dpo", 5)])
def test_whatever_the_method_and_the_step_a_run_that_goes_on_is_the_same_run(method, step, tmp_path):
    whole = run(None, method=method)
    with pytest.raises(KilledError):
        run(tmp_path / "resume", method=method, told=dying_at(step))
    done = run(tmp_path / "resume", method=method)
    assert bytes_of(done, tmp_path / "a") == bytes_of(whole, tmp_path / "b")
    assert done.curves == whole.curves and done.record == whole.record


def test_nothing_of_the_state_is_left_when_the_run_is_over(tmp_path):
    run(tmp_path / "resume")
    assert list((tmp_path / "resume").iterdir()) == []


def test_the_state_of_another_run_is_refused(tmp_path):
    with pytest.raises(KilledError):
        run(tmp_path, told=dying_at(4))
    for other in ({"seed": 4}, {"lr": 2e-3}, {"method": "simnpo"}):
        with pytest.raises(Refused, match="STATE_OF_ANOTHER_RUN"):
            run(tmp_path, **other)


def test_a_damaged_state_is_refused_and_not_guessed_at(tmp_path):
    with pytest.raises(KilledError):
        run(tmp_path, told=dying_at(4))
    whole = (tmp_path / STATE).read_bytes()
    for damaged in (b"", whole[:100], whole[:-7], b"\x80\x04K\x01."):
        (tmp_path / STATE).write_bytes(damaged)
        with pytest.raises(Refused, match="STATE_UNREADABLE"):
            run(tmp_path)


def test_a_state_names_no_row_and_says_what_it_is(tmp_path):
    with pytest.raises(KilledError):
        run(tmp_path, told=dying_at(4))
    with safe_open(tmp_path / STATE, "pt") as file:
        said = file.metadata()["obelus"]
    assert '"format": "obelus/unlearning-state/1"' in said
    texts = [text for row in world.forget() for text in (row.prompt, row.answer)]
    held = (tmp_path / STATE).read_bytes() + (tmp_path / BEST).read_bytes()
    assert not any(text.encode() in held for text in texts)


def test_the_same_seed_gives_the_same_bytes_and_another_another_order(tmp_path):
    first, again, other = run(None), run(None), run(None, seed=5)
    assert bytes_of(first, tmp_path / "a") == bytes_of(again, tmp_path / "b")
    assert first.record["data_order"] == again.record["data_order"] != other.record["data_order"]
