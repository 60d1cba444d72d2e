"""Asks the table of access.py, and nothing else."""

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from governance.actors import SYSTEM, Actor
from governance.api.access import Rule, as_machine, as_person, methods_of, rule_for
from governance.people.models import User

if TYPE_CHECKING:  # DRF loads this module while its own views are half loaded
    from rest_framework.views import APIView


class Nobody(BasePermission):
    """What a view gets that forgot to ask the table."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return False


class ByTable(BasePermission):
    """The caller in the role or scope the table asks for; `request.actor` is who that is."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        route = route_of(request)
        rule = rule_for(route, request.method or "")
        if rule is None and methods_of(route):
            raise MethodNotAllowed(request.method or "")
        if rule is None:
            return False
        actor = actor_of(request, rule)
        request.actor = actor  # type: ignore[attr-defined]
        return actor is not None


def route_of(request: Request) -> str:
    match = request.resolver_match
    return (match.url_name or "") if match else ""


def actor_of(request: Request, rule: Rule) -> Actor | None:
    if rule.public:
        return SYSTEM
    token: Any = request.auth
    if token is not None:
        return as_machine(token.application, token.scope.split(), rule)
    return as_person(request.user, rule) if isinstance(request.user, User) else None
