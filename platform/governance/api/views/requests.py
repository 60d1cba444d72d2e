"""Erasure requests: sent in by machines or officers, decided by officers."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle

from governance.actors import Actor
from governance.api.answers import listed, one
from governance.api.base import ApiView, parsed
from governance.api.describe import gives, gives_page
from governance.api.idempotency import PARAMETER, fingerprint_of, key_of
from governance.api.inputs import Empty
from governance.api.request_inputs import Identity, NewRequest, Refusal
from governance.api.shapes.privacy import PersonsPrivacyShape, person_json
from governance.api.shapes.requests import RequestDetail, RequestShape
from governance.api.throttles import SubmitRate
from governance.intake import services
from governance.intake.idempotency import answered_once
from governance.intake.models import ErasureRequest
from governance.jobs.persons_privacy import persons_history


def visible(actor: Actor) -> QuerySet[ErasureRequest]:
    """A machine sees its own requests; everybody else whom the table lets in sees all."""
    rows = ErasureRequest.objects.select_related("pack")
    return rows.filter(client=actor.client) if actor.client else rows


def detail(ref: str, actor: Actor) -> Response:
    rows = visible(actor).prefetch_related("dispositions__checkpoint", "dispositions__plan", "dispositions__request")
    return Response(RequestDetail(one(rows, ref=ref)).data)


class Requests(ApiView):
    def get_throttles(self) -> list[BaseThrottle]:
        return [SubmitRate()]

    @gives_page(RequestShape)
    def get(self, request: Request) -> Response:
        return listed(RequestShape, visible(self.actor), request)

    @gives(RequestShape, status=201, takes=NewRequest, parameters=[PARAMETER])
    def post(self, request: Request) -> Response:
        """Send in a request. The same key and body again gives the same answer and no second case."""
        key, asked = key_of(request), parsed(NewRequest, request)

        def act() -> tuple[int, dict[str, Any]]:
            subject = asked.pop("subject")
            made = services.receive(subject_identifier=subject, actor=self.actor, **asked)
            return 201, dict(RequestShape(made).data)

        status, body, replayed = answered_once(
            actor=self.actor, key=key, fingerprint=fingerprint_of(request, dict(request.data)), act=act
        )
        headers = {"Location": f"{request.path}/{body['ref']}", "Idempotent-Replayed": str(replayed).lower()}
        return Response(body, status=status, headers=headers)


class OneRequest(ApiView):
    @gives(RequestDetail)
    def get(self, request: Request, ref: str) -> Response:
        return detail(ref, self.actor)


class Privacy(ApiView):
    @gives(PersonsPrivacyShape)
    def get(self, request: Request, ref: str) -> Response:
        """That person's B and A over time, jointly over every model that held their rows; once scope is confirmed."""
        row: ErasureRequest = one(visible(self.actor).select_related("subject"), ref=ref)
        return Response(PersonsPrivacyShape(person_json(row.ref, persons_history(row))).data)


class ProveIdentity(ApiView):
    @gives(RequestDetail, takes=Identity)
    def post(self, request: Request, ref: str) -> Response:
        """Note how it was proved that the person concerned asks."""
        asked = parsed(Identity, request)
        services.prove_identity(request=one(visible(self.actor), ref=ref), method=asked["method"], actor=self.actor)
        return detail(ref, self.actor)


class ConfirmScope(ApiView):
    @gives(RequestDetail, takes=Empty)
    def post(self, request: Request, ref: str) -> Response:
        """Find what the request covers: one disposition for each checkpoint that learned from the person."""
        parsed(Empty, request)
        services.confirm_scope(request=one(visible(self.actor), ref=ref), actor=self.actor)
        return detail(ref, self.actor)


class Refuse(ApiView):
    @gives(RequestDetail, takes=Refusal)
    def post(self, request: Request, ref: str) -> Response:
        """Refuse on a ground of the law; the reason is sealed."""
        asked = parsed(Refusal, request)
        services.refuse(request=one(visible(self.actor), ref=ref), actor=self.actor, **asked)
        return detail(ref, self.actor)


class Withdraw(ApiView):
    @gives(RequestDetail, takes=Empty)
    def post(self, request: Request, ref: str) -> Response:
        """The person takes the request back, as long as no plan carries it out."""
        parsed(Empty, request)
        services.withdraw(request=one(visible(self.actor), ref=ref), actor=self.actor)
        return detail(ref, self.actor)


class RemoveRecords(ApiView):
    @gives(RequestDetail, takes=Empty)
    def post(self, request: Request, ref: str) -> Response:
        """Erase the rows of a person from whom no model learned, and fulfil the request."""
        parsed(Empty, request)
        services.remove_records(request=one(visible(self.actor), ref=ref), actor=self.actor)
        return detail(ref, self.actor)
