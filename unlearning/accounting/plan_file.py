"""The plan file `obelus/plan/1`: the inputs beside the choice, and an auditor's comparison of the two."""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from unlearning.accounting.ledger import Ledger
from unlearning.accounting.planning import PlanChoice, PlanInputs, PriceList, choose
from unlearning.accounting.strict_json import dump, malformed, parse, require_fields

FORMAT = "obelus/plan/1"
# Logarithms may differ in the last digit between machines; routes, step counts and codes may not.
_RELATIVE_TOLERANCE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One plan as it was made. `differences()` is empty when the same inputs give the same choice today."""

    inputs: PlanInputs
    choice: PlanChoice

    @classmethod
    def made(cls, inputs: PlanInputs) -> "Plan":
        """Choose, and keep the inputs beside the choice. Raises: as `choose`."""
        return cls(inputs=inputs, choice=choose(inputs))

    def differences(self) -> list[str]:
        """The fields of the choice that recomputing does not confirm (`reason` is words and not compared)."""
        fresh = choose(self.inputs)
        names = [field.name for field in fields(PlanChoice) if field.name != "reason"]
        return [name for name in names if not _same(getattr(self.choice, name), getattr(fresh, name))]

    def to_dict(self) -> dict[str, Any]:
        """The file as plain JSON values, every number finite."""
        return {"format": FORMAT, "inputs": inputs_to_dict(self.inputs), "choice": asdict(self.choice)}

    def to_json(self) -> str:
        """The file's text."""
        return dump(self.to_dict())

    @classmethod
    def from_dict(cls, value: Any) -> "Plan":
        """From plain JSON values. Raises: LEDGER_MALFORMED, UNKNOWN_EVENT, NOT_FINITE."""
        require_fields(value, where="the plan", required=("format", "inputs", "choice"))
        if value["format"] != FORMAT:
            raise malformed(f"Expected format {FORMAT}, got {value['format']!r}.")
        names = [field.name for field in fields(PlanChoice)]
        choice = PlanChoice(**require_fields(value["choice"], where="choice", required=names))
        return cls(inputs=inputs_from_dict(value["inputs"]), choice=choice)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Plan":
        """From the file's text. Raises: as `from_dict`."""
        return cls.from_dict(parse(text))


def inputs_to_dict(inputs: PlanInputs) -> dict[str, Any]:
    """The inputs as plain JSON values."""
    plain = {field.name: getattr(inputs, field.name) for field in fields(PlanInputs)}
    return plain | {"ledger": inputs.ledger.to_dict(), "prices": asdict(inputs.prices)}


def inputs_from_dict(value: Any) -> PlanInputs:
    """Strict. Raises: LEDGER_MALFORMED, UNKNOWN_EVENT, NOT_FINITE and the codes of the ledger's problem."""
    plain = dict(require_fields(value, where="inputs", required=[field.name for field in fields(PlanInputs)]))
    names = [field.name for field in fields(PriceList)]
    plain["ledger"] = Ledger.from_dict(plain["ledger"])
    plain["prices"] = PriceList(**require_fields(plain["prices"], where="prices", required=names))
    return PlanInputs(**plain)


def _same(written: Any, fresh: Any) -> bool:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (written, fresh))
    if numbers and (isinstance(written, float) or isinstance(fresh, float)):
        return math.isclose(written, fresh, rel_tol=_RELATIVE_TOLERANCE, abs_tol=1e-15)
    return type(written) is type(fresh) and bool(written == fresh)
