from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "huhang.portal"
    label = "portal"
