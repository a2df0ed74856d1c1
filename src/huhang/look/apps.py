from django.apps import AppConfig


class LookConfig(AppConfig):
    name = "huhang.look"
    label = "look"
