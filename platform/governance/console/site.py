"""The console's admin site: its own routes only, opened by roles, dressed by theme.py."""

import math
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DataError
from django.forms import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, include, path
from unfold.forms import AuthenticationForm
from unfold.settings import get_config
from unfold.sites import UnfoldAdminSite

from governance.api.problems import TooLargeError
from governance.api.throttles import seconds_left
from governance.console import theme
from governance.console.access import has_role
from governance.console.attempts import may_try
from governance.console.registering.bodies import before_the_body

TOO_MANY = "Nothing was checked this time. Wait a minute, then try again."
ODD_TEXT = "Something in it is no text or number that can be kept, such as the character 0. Nothing was changed."
NO_ROLE = "This account has no role here. Ask whoever runs this installation for one."


class SignIn(AuthenticationForm):
    """A person with a role may sign in; `is_staff` is not asked."""

    def confirm_login_allowed(self, user: Any) -> None:
        if not user.is_active:
            raise ValidationError(self.error_messages["inactive"], code="inactive")
        if not has_role(user):
            raise ValidationError(NO_ROLE, code="no_role")


class ConsoleSite(UnfoldAdminSite):
    login_form = SignIn
    login_template = "console/login.html"
    password_change_template = "console/password_change.html"  # noqa: S105 (a template, not a password)
    password_change_done_template = "console/password_changed.html"  # noqa: S105
    index_title = "Desk"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return has_role(request.user)

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """As Django's, but somebody signed in without a role is told so (403) instead of asked to sign in again."""
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                if request.user.is_authenticated and not self.has_permission(request):
                    raise PermissionDenied(NO_ROLE)
                before_the_body(request, view)
                return inner(request, *args, **kwargs)
            except PermissionDenied as refusal:
                return self.apology(request, 403, "You may not open this", str(refusal))
            except TooLargeError as refusal:
                return self.apology(request, 413, refusal.title, f"{refusal.detail} {refusal.remedy}")
            except DataError:  # its words may quote what was sent; each service is a transaction, so nothing stays
                return self.apology(request, 400, "This cannot be taken", ODD_TEXT)
            except Http404:
                return self.apology(request, 404, "There is no such thing here", "Look for it in one of the lists.")

        guarded.csrf_exempt = True  # type: ignore[attr-defined]  # `inner` carries the CSRF check itself
        return guarded

    def apology(self, request: HttpRequest, status: int, title: str, why: str) -> HttpResponse:
        context = {"title": title, "why": why, "status": status, "site_title": "Obelus"}
        return TemplateResponse(request, "console/apology.html", context, status=status).render()

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """As Django's, slowed down: even the right password is not looked at after too many attempts."""
        if may_try(request):
            return super().login(request, extra_context)
        answer = self.apology(request, 429, "Too many attempts to sign in", TOO_MANY)
        answer["Retry-After"] = str(math.ceil(seconds_left()))
        return answer

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """No add, delete or history route of Django's admin exists here."""
        from governance.console import routes

        guard = self.admin_view
        account = [
            path("login/", self.login, name="login"),
            path("logout/", self.logout, name="logout"),
            path("password/", guard(self.password_change, cacheable=True), name="password_change"),
            path("password/done/", guard(self.password_change_done, cacheable=True), name="password_change_done"),
            path("jsi18n/", guard(self.i18n_javascript, cacheable=True), name="jsi18n"),
        ]
        pages = [path(route, guard(view), name=name) for route, view, name in routes.PAGES]
        lists = [path(f"{admin.place}/", include(admin.get_urls())) for admin in self._registry.values()]
        return [*account, *pages, *lists]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        return []

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        return {**context, "templates": {"navigation": "console/navigation.html"}, "site_name": "Obelus"}

    def _get_config(self, key: str, *args: Any) -> Any:
        own = theme.config()
        if key not in own:
            return super()._get_config(key, *args)
        value = own[key]
        if key == "COLORS":
            value = {**get_config()["COLORS"], **value}
        return value if isinstance(value, dict | list) else self._get_value(value, *args)


site = ConsoleSite(name="console")
