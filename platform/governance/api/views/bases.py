"""Bases: language models that others taught, for models here to start from."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.answers import created, listed, one
from governance.api.base import FILE_BYTES, ApiView, parsed
from governance.api.describe import gives, gives_page
from governance.api.inputs import Withdrawal
from governance.api.lineage_inputs import NewBase
from governance.api.shapes.lineage import BaseShape
from governance.lineage import services
from governance.lineage.models import Base, Dataset
from governance.objects.files import writing
from governance.releases.retraction import retract_base


class Bases(ApiView):
    parser_classes = [MultiPartParser]
    most_bytes = FILE_BYTES

    @gives_page(BaseShape)
    def get(self, request: Request) -> Response:
        return listed(BaseShape, Base.objects.all(), request)

    @gives(BaseShape, status=201, takes={"multipart/form-data": NewBase})
    def post(self, request: Request) -> Response:
        """Register a base with where it is from. No certificate covers what it knew before."""
        asked = parsed(NewBase, request)
        sent, refs = asked.pop("file"), asked.pop("learned_from")
        learned_from: list[Dataset] = [one(Dataset.objects.all(), ref=ref) for ref in refs]
        with on_disk(sent) as file:
            base = services.register_base(file=file, learned_from=learned_from, actor=self.actor, **asked)
        return created(BaseShape, base, request)


@contextmanager
def on_disk(sent: Any) -> Iterator[Path]:
    """An uploaded file as a file: a base is never held in memory as a whole.

    Raises:
        StorageFull: see `files.writing`.
    """
    with ExitStack() as stack:
        with writing("the file that was sent"):
            file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="obelus-"))
            for chunk in sent.chunks():
                file.write(chunk)
            file.flush()
        yield Path(file.name)


class OneBase(ApiView):
    @gives(BaseShape)
    def get(self, request: Request, ref: str) -> Response:
        return Response(BaseShape(one(Base.objects.all(), ref=ref)).data)


class Retract(ApiView):
    @gives(BaseShape, takes=Withdrawal)
    def post(self, request: Request, ref: str) -> Response:
        """Say that people of this house are in a base after all. Nothing starts from it again; it cannot be undone."""
        asked = parsed(Withdrawal, request)
        base: Base = one(Base.objects.all(), ref=ref)
        return Response(BaseShape(retract_base(base=base, reason=asked["reason"], actor=self.actor)).data)
