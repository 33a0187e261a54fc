"""Addresses of the site."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("office/", include("pictogame.office.urls")),
    path("", include("pictogame.studio.urls")),
]
