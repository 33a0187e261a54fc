from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "pictogame.config"
    label = "pictogame_config"

    def ready(self) -> None:
        """Registers the checks."""
        from pictogame.config import checks  # noqa: F401, PLC0415  Django is not ready before.
