"""The ward of tests/lineage, people who act on it, and a machine that submits requests."""

from pathlib import Path
from typing import Any

import pytest

from governance.actors import Actor, machine, person
from tests.lineage.ward import Ward


@pytest.fixture(autouse=True)
def _own_store(settings: Any, tmp_path: Path) -> None:
    settings.OBELUS_VAR = tmp_path


@pytest.fixture
def officer(folk: Any) -> Actor:
    return person(folk.officer, "privacy_officer")


@pytest.fixture
def client_actor(db: None) -> Actor:
    from governance.people.services import create_client

    return machine(create_client(name="portal", scopes=["requests:write"])[0])


@pytest.fixture
def ward(officer: Actor) -> Ward:
    return Ward(officer)


class Cases:
    """Requests of the ward's patients, brought as far as a test needs."""

    def __init__(self, officer: Actor, client: Actor) -> None:
        self.officer, self.client = officer, client

    def received(self, number: int) -> Any:
        from governance.intake.services import receive

        return receive(subject_identifier=f"patient{number}@ward.example", law="gdpr", actor=self.client)

    def identified(self, number: int) -> Any:
        from governance.intake.services import prove_identity

        request = self.received(number)
        prove_identity(request=request, method="code_sent", actor=self.officer)
        return request

    def scoped(self, number: int) -> Any:
        from governance.intake.services import confirm_scope

        request = self.identified(number)
        confirm_scope(request=request, actor=self.officer)
        return request


@pytest.fixture
def cases(officer: Actor, client_actor: Actor) -> Cases:
    return Cases(officer, client_actor)
