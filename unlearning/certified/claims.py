"""What an estimator can say for itself: its ledger, its certificate, and what publishing less often would save."""

from __future__ import annotations

from unlearning.accounting import Ledger, PublishingSchedule, schedules_after
from unlearning.certified import line as lines
from unlearning.certified.certificate import Certificate, certificate_of


class Claims:
    """Everything here is a function of public facts: the ledger and the parameters."""

    delta: float
    epsilon: float
    deletion_epsilon: float | None
    _gaps: tuple[str, ...]

    def _fitted(self) -> lines.Line:
        raise NotImplementedError

    @property
    def ledger_(self) -> Ledger:
        """What was done to the model, in the format every other tool of this package prices."""
        return self._fitted().ledger

    @property
    def certificate_(self) -> Certificate:
        """Both numbers per subject, with assumptions and limits; print it. Raises: AccountingError."""
        return certificate_of(self._fitted().ledger, delta=self.delta, gaps=self._gaps)

    def publishing_schedules(self, *, rounds: int = 52, records_per_round: int = 1) -> tuple[PublishingSchedule, ...]:
        """B of those who stay after `rounds` deletions, publishing after every 1st, 4th, 13th and 52nd.

        Choose by the calendar, beforehand. To publish less often here, collect requests and call `delete` less often.
        `accounting.schedules_text` says it in words. Raises: AccountingError.
        """
        line = self._fitted()
        choice = lines.planned(line, records_per_round, epsilon=self._target(), delta=self.delta)
        return schedules_after(line.ledger, steps_delete=choice.steps, rounds=rounds, rows_per_round=records_per_round)

    def _target(self) -> float:
        """The epsilon of A that a deletion must reach."""
        return self.epsilon / 2.0 if self.deletion_epsilon is None else self.deletion_epsilon
