"""A certificate names the base that all trainings of its case began with, or it does not verify."""

from typing import Any

import pytest

from evidence.case import Case
from evidence.checks.bases import check_base
from evidence.faults import Fault

ONE, OTHER = ("sha256:" + digit * 64 for digit in "12")


def spec(engine: str, base: str | None) -> dict[str, Any]:
    entry = {"base": {"path": "inputs/base", "digest": base}} if base else {}
    return {"engine": engine, "inputs": {"texts": {"path": "inputs/texts", "digest": ONE}, **entry}}


def found(claimed: str | None, *specs: dict[str, Any]) -> list[Fault]:
    certificate = {"base": {"digest": claimed, "source": "somebody's"}} if claimed else {}
    documents = {f"specs/job_{number}.json": each for number, each in enumerate(specs)}
    case = Case(members={}, trust=None, documents={"certificate.json": certificate, **documents})
    check_base(case)
    return [difference.fault for difference in case.report.differences]


@pytest.mark.parametrize("base", [None, ONE])
def test_a_base_that_is_named_is_the_one_of_every_training(base: str | None) -> None:
    trainings = [spec("language.train", base), spec("language.references", base)]
    assert found(base, *trainings, spec("language.unlearn", None), spec("verify.language", None)) == []


@pytest.mark.parametrize(("claimed", "used"), [(ONE, OTHER), (ONE, None), (None, ONE)])
def test_another_base_a_hidden_one_and_a_made_up_one_are_seen(claimed: str | None, used: str | None) -> None:
    for engine in ("language.train", "language.references"):
        assert found(claimed, spec("language.train", claimed), spec(engine, used)) == [Fault.CERTIFICATE]
