from django.apps import AppConfig


class BucketConfig(AppConfig):
    name = "pictogame.bucket"
    default_auto_field = "django.db.models.BigAutoField"
