from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "pictogame.config"
    label = "pictogame_config"
