"""Showing a page inside the console's frame."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse

from governance.console.site import site


def show(
    request: HttpRequest, template: str, *, title: str, trail: tuple[tuple[str, str], ...] = (), **context: Any
) -> TemplateResponse:
    """Render a console page. `trail` holds (name, address) of the lists above it."""
    request.current_app = site.name
    frame = site.each_context(request)
    return TemplateResponse(request, f"console/{template}", {**frame, "title": title, "trail": trail, **context})
