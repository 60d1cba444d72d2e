"""What every view of the API shares."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from governance.actors import Actor
from governance.api.authentication import MachineBearer
from governance.api.permissions import ByTable
from governance.api.problems import LengthNeededError, TooLargeError

USUAL_BYTES = 2 * 1024 * 1024
FILE_BYTES = 512 * 1024 * 1024


class JsonWhateverIsAccepted(BaseContentNegotiation):
    """Answers are JSON (or the one file a route is for): an Accept header changes nothing (RFC 9110, 12.5.1)."""

    def select_parser(self, request: Request, parsers: Any) -> BaseParser | None:
        return next((p for p in parsers if _matches(p.media_type, request.content_type or "")), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


def _matches(wanted: str, given: str) -> bool:
    return given.split(";")[0].strip().lower() == wanted


class HouseSchema(AutoSchema):
    """Operation ids from the path, so that a list and one of it never collide."""

    def get_operation_id(self) -> str:
        words = self.path.removeprefix("/api/").removeprefix("v1/").replace("{", "by_").replace("}", "")
        return f"{self.method.lower()}_{words.replace('/', '_').replace('-', '_')}"

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/").removeprefix("v1/").split("/")[0]]


class ApiView(APIView):
    authentication_classes = [MachineBearer, SessionAuthentication]
    permission_classes = [ByTable]
    renderer_classes = [JSONRenderer]
    parser_classes = [JSONParser]
    content_negotiation_class = JsonWhateverIsAccepted
    schema = HouseSchema()
    # OPTIONS would describe routes to strangers; /api/v1/schema is the description.
    http_method_names = ["get", "head", "post"]
    most_bytes = USUAL_BYTES

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """First who asks, then how much is sent; only then is a body read. Without a length none is read at all."""
        super().initial(request, *args, **kwargs)
        if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
            raise LengthNeededError("A body in chunks is not taken.", remedy="Send a Content-Length.")
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.most_bytes:
            raise TooLargeError(f"This route takes {self.most_bytes} bytes at most.")

    @property
    def actor(self) -> Actor:
        actor: Actor = self.request.actor  # type: ignore[attr-defined]
        return actor


def parsed(shape: type[BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """The body through an explicit serializer. Raises: ValidationError, with every fault."""
    reader = shape(data=request.data)
    reader.is_valid(raise_exception=True)
    data: dict[str, Any] = reader.validated_data
    return data


def file_answer(data: bytes, *, media_type: str, name: str) -> HttpResponse:
    """A file to keep; `name` is built of references only."""
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(data, content_type=media_type, headers={"Content-Disposition": disposition})
