from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class PartiesConfig(AppConfig):
    name = "huhang.parties"
    label = "parties"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # When somebody last signed in is kept nowhere; Django's handler would write past the log.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
