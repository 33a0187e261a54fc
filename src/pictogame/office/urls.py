"""Addresses of the office. Django's admin is the last, since it takes all that is left."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from pictogame.office import admin as registered

registered.register(admin.site)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", admin.site.urls),
]
