"""The bare Django view to compare with: one form read, one insert, nothing else."""

from __future__ import annotations

import os

from django.conf import settings

settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF="bench.bare",
    MIDDLEWARE=[],
    INSTALLED_APPS=[],
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ["BARE_DATABASE"],
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    },
)

import django  # noqa: E402

django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402


class Row(models.Model):
    """One report, as the barest of applications would keep it."""

    token = models.CharField(max_length=64)
    text = models.TextField()
    kind = models.CharField(max_length=20)

    class Meta:
        app_label = "bare"


def insert(request: HttpRequest) -> HttpResponse:
    """One insert, committed with synchronous=FULL before the answer."""
    Row.objects.create(
        token=request.POST["login_token"], text=request.POST["text"], kind=request.POST["kind"]
    )
    return HttpResponse(status=303, headers={"Location": "/kept/", "Content-Length": "0"})


urlpatterns = [path("r/new/", insert), path("healthz", lambda request: HttpResponse("ok"))]
application = get_wsgi_application()
with connection.schema_editor() as editor:
    if Row._meta.db_table not in connection.introspection.table_names():
        editor.create_model(Row)
