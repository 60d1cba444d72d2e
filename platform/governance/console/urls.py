"""The console's routes, to be included as path("console/", include("governance.console.urls"))."""

from django.urls import URLPattern, URLResolver, path

from governance.console.site import site

urlpatterns: list[URLPattern | URLResolver] = [path("", site.urls)]
