"""Retraining without people who stood in no adapter any more gives the very weights that it replaces."""

from typing import Any

import pytest

from governance.releases.destruction import advance_destroying
from tests.lineage.twins import Twins, status_of, there

pytestmark = pytest.mark.django_db


@pytest.fixture
def again(ward: Any, folk: Any, tmp_path: Any) -> Any:
    """What destroying the old weights comes to, where the candidate has this content and stands so."""
    twins = Twins(ward, folk, tmp_path)

    def do(*, content: str, status: str) -> tuple[str, str, bool]:
        old = twins.taught(twins.first, content="old")
        new = twins.checkpoint(twins.first, twins.without, content=content, status=status)
        twins.ask()
        twins.plan(old, new)
        advance_destroying()
        return status_of(old), status_of(new), there(new.object_digest)

    return do


def test_what_replaces_the_old_weights_is_not_destroyed_with_them(again: Any) -> None:
    assert again(content="old", status="released") == ("destroyed", "released", True)


def test_other_weights_are_destroyed_and_the_candidate_stays(again: Any) -> None:
    assert again(content="new", status="released") == ("destroyed", "released", True)


def test_a_candidate_that_was_given_up_goes_with_them(again: Any) -> None:
    assert again(content="old", status="discarded") == ("destroyed", "destroyed", False)
