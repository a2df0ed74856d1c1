"""Whether a server can be started at an address."""

from __future__ import annotations

import socket

from django.utils.translation import gettext as _

from huhang.cli.output import Stop, os_words


def base_of(host: str, port: int) -> str:
    """The address of a server here."""
    return f"http://{host if ':' not in host else f'[{host}]'}:{port}"


def must_be_free(host: str, port: int) -> None:
    """Raise ``Stop`` where nothing can listen."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Stop(
                _("Cannot listen on %(place)s: %(error)s")
                % {"place": base_of(host, port).removeprefix("http://"), "error": os_words(error)}
            ) from None
