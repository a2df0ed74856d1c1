"""The web process: Django with the writer thread of the one write path."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huhang.config.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from huhang.kernel.write import start_writer  # noqa: E402 - models need the applications

start_writer()
