from django.apps import AppConfig


class TlogConfig(AppConfig):
    name = "huhang.tlog"
    label = "tlog"
    default_auto_field = "django.db.models.BigAutoField"
