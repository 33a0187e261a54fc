"""Addresses of the site."""

from django.urls import URLPattern, URLResolver, include, path

from pictogame.office.views import machines

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", machines.health, name="health"),
    path("health/live", machines.live, name="live"),
    path("metrics", machines.metrics, name="metrics"),
    path("office/", include("pictogame.office.urls")),
    path("account/", include("pictogame.studio.account_urls")),
    path("", include("pictogame.studio.urls")),
]
