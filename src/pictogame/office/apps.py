from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig


class OfficeConfig(AppConfig):
    name = "pictogame.office"
    default = True


class AdminConfig(SimpleAdminConfig):
    """Django's admin with a site of ours. Its pages are registered when their addresses are first needed: a publisher
    has no use for them.
    """

    default_site = "pictogame.office.site.OfficeSite"
    default = False
