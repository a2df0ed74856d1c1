"""Sign-in sessions in the database, written through the one write path."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db

from huhang.kernel.actor import WORKER
from huhang.kernel.write import Write, write


class SessionStore(db.SessionStore):
    """Django's database sessions; a session is no part of the record, so it takes no entry."""

    def save(self, must_create: bool = False) -> None:
        def action(w: Write) -> None:
            w.derived()
            super(SessionStore, self).save(must_create)

        if self.session_key is None:
            self.create()
        else:
            write(action, actor=WORKER)

    def delete(self, session_key: Any = None) -> None:
        def action(w: Write) -> None:
            w.derived()
            super(SessionStore, self).delete(session_key)

        write(action, actor=WORKER)

    @classmethod
    def get_model_class(cls) -> Any:
        return db.SessionStore.get_model_class()
