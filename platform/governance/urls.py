"""Every route of the house."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from governance.api.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/", include("governance.api.urls")),
    path("console/", include("governance.console.urls")),
    path("", require_safe(RedirectView.as_view(url="/console/")), name="front-door"),
]

handler400 = "governance.api.problems.bad_request"
handler403 = "governance.api.problems.permission_denied"
handler404 = "governance.api.problems.page_not_found"
handler500 = "governance.api.problems.server_error"
