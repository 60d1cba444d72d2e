"""What every list shares: opened by role, linked by reference, nothing to add, change or delete."""

from collections.abc import Sequence
from functools import update_wrapper
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from governance.console.access import may_read, require_reader
from governance.console.addresses import NAMES, page_of
from governance.console.wording import short


class ByReference(ChangeList):
    def url_for_result(self, result: Any) -> str:
        return page_of(result)


class ConsoleList(ModelAdmin):
    """`place` is its folder under /console/ and its line in the table of who may read."""

    place = ""
    change_list_template = "console/list.html"
    list_per_page = 25
    list_max_show_all = 0
    list_disable_select_all = True  # a batch is one page: what was ticked is what is done
    list_filter_sheet = True
    show_full_result_count = False
    actions: Sequence[Any] | None = None

    def get_urls(self) -> list[URLPattern]:
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return self.admin_site.admin_view(self.changelist_view)(request, *args, **kwargs)

        update_wrapper(guarded, self.changelist_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_changelist"
        return [path("", guarded, name=name)]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        require_reader(request.user, self.place)
        if request.method == "POST" and not self.get_actions(request):
            raise PermissionDenied("Nothing can be changed here with your role.")
        context = {"title": str(self.opts.verbose_name_plural).capitalize(), **self.beside(request)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def beside(self, request: HttpRequest) -> dict[str, Any]:
        """More context for the list's own template."""
        return {}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ByReference if self.model in NAMES else ChangeList

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_read(request.user, self.place)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_read(request.user, self.place)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


def chip(tone: str, words: str) -> SafeString:
    """A coloured label. The words alone must say it: colour is never the only signal."""
    return format_html('<span class="ob-chip ob-{}">{}</span>', tone, words)


def code(ref: str) -> SafeString:
    return format_html('<span class="ob-code" title="{}">{}</span>', ref, short(ref))
