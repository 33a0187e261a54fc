from django.apps import AppConfig


class MediaConfig(AppConfig):
    name = "pictogame.media"
    default_auto_field = "django.db.models.BigAutoField"
