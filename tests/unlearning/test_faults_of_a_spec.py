"""The quick look at lists of rows finds the faults that the standard's own validator finds."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from unlearning.runner.schemas import faults_of, schema

LISTS: list[Any] = [
    *([], [1, 2, 3], [0], [2**70], list(range(900))),
    *([3, 3], [True], [1, True], [0, False], [-1], [1.0, 1], [1.5], ["a"], [None, None], [[1]], {"a": 1}, 7),
]


def spec(rows: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {"format": "obelus/spec/1", "job": "job_" + "0" * 32, "engine": "noop"}
    return whole | {"params": {}, "inputs": {}, "manifests": {"retain": {"rows": rows}}}


@pytest.mark.parametrize("rows", LISTS, ids=[str(rows)[:12] for rows in LISTS])
def test_a_list_of_rows_has_the_faults_that_it_has(rows: Any) -> None:
    plain = Draft202012Validator(schema("spec")).iter_errors(spec(rows))
    assert sorted(faults_of("spec", spec(rows))) == sorted(
        f"{'.'.join(map(str, error.path))}: {error.message}" for error in plain
    )


def test_some_of_these_lists_are_unsound_and_some_are_not() -> None:
    assert [bool(faults_of("spec", spec(rows))) for rows in LISTS[:6]] == [False] * 5 + [True]
