"""Addresses of the office. Django's admin is the last, since it takes all that is left."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, path

from pictogame.office import admin as registered
from pictogame.office.views import money, status

registered.register(admin.site)

urlpatterns: list[URLPattern | URLResolver] = [
    path("money/", money.dashboard, name="money"),
    path("money/days.csv", money.as_csv, name="money-csv"),
    path("money/numbers.json", money.as_json, name="money-json"),
    path("pause/", status.pause, name="pause"),
    path("resume/", status.resume, name="resume"),
    path("retry/", status.retry, name="retry"),
    path("", admin.site.urls),
]
