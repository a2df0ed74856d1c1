from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "huhang.console"
    label = "console"
