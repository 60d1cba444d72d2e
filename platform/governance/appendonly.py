"""Rows that are written once. The database enforces it: the application's role holds no UPDATE or DELETE on them."""

from typing import Any, Self

from django.db import models


class AppendOnlyViolation(Exception):
    """Code tried to change a row of the record. Write a new row that says what changed."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> int:
        raise AppendOnlyViolation(f"{self.model.__name__} rows are never changed; append a new one.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyViolation(f"{self.model.__name__} rows are never deleted.")


class AppendOnly(models.Model):
    append_only = True  # read by governance.grants

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not self._state.adding:
            raise AppendOnlyViolation(f"{type(self).__name__} rows are never changed; append a new one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyViolation(f"{type(self).__name__} rows are never deleted.")

    @classmethod
    def make(cls, **fields: Any) -> Self:
        row = cls(**fields)
        row.save(force_insert=True)
        return row
