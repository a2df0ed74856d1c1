"""The one write path: ``write(fn, actor=...)``.

In a web process ``start_writer()`` starts one thread that runs queued actions in groups: each in a
savepoint of its own, inside one transaction, and answers leave after the outer commit. Elsewhere
the action runs in the calling thread. Both append the entries as the last statements.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from huhang.kernel import clock, ids
from huhang.kernel.actor import Actor
from huhang.kernel.draft import Draft
from huhang.kernel.errors import Conflict, Full, StrayWrite
from huhang.kernel.models import Entry, Payload
from huhang.kernel.rows import Plan, Shape, chosen, code, shape
from huhang.kernel.turns import turn

T = TypeVar("T")
_state = threading.local()


class Write:
    """What an action may do: insert, update and delete rows under an open entry."""

    def __init__(self, actor: Actor, now: datetime) -> None:
        self.actor = actor
        self.now = now
        self.moment = code(now)
        self.new_id = ids.new_ids().__next__
        self.drafts: list[Draft] = []
        self.waiting: defaultdict[Plan, list[Sequence[Any]]] = defaultdict(list)
        self.is_derived = False
        self.after: list[Callable[[], object]] = []

    def after_commit(self, fn: Callable[[], object]) -> None:
        """Run ``fn`` once the change is committed (removing an erased file, say)."""
        self.after.append(fn)

    def entry(
        self, verb: str, *, case: Any = None, case_id: int | None = None, **codes: Any
    ) -> Draft:
        """Open an entry and close the one before; the changes that follow belong to it.

        ``codes``: codes, never text.
        """
        if self.drafts:
            self.drafts[-1].close()
        head = {k: v if type(v) is str else code(v) for k, v in codes.items() if v is not None}
        if case is not None:
            case_id = case.pk
        draft = Draft(verb, self.actor, self.moment, self.new_id, case_id, head)
        self.drafts.append(draft)
        return draft

    @contextmanager
    def acting_for(self, actor: Actor) -> Iterator[None]:
        """Open entries as somebody else's: what they proposed is done once others approved it."""
        own, self.actor = self.actor, actor
        try:
            yield
        finally:
            self.actor = own

    def derived(self) -> None:
        """Say that this action only brings read models or cursors up to date."""
        self.is_derived = True

    def add(self, model: type[models.Model], **values: Any) -> int:
        """Insert a row (at the end of the action, or at ``flush``); its key."""
        return self._add(shape(model), values)

    def insert(self, model: type[models.Model], **values: Any) -> Any:
        """Insert a row, as ``add`` does, and return its instance."""
        form = shape(model)
        self._add(form, values)
        instance = model(**{**form.defaults, **values})
        instance._state.adding = False
        return instance

    def adder(self, model: type[models.Model], *given: str, **same: Any) -> Callable[..., int]:
        """What inserts rows as ``add`` does, given the values of these columns in their order, with
        the same value in other columns each time; a row's key is made where it is not given."""
        form = shape(model)
        keyed = form.pk in given
        plan = form.plan(given if keyed else (*given, form.pk), tuple(same.items()))
        at = (given if keyed else (*given, form.pk)).index(form.pk)

        def add(*values: Any) -> int:
            row = [*values] if keyed else [*values, self.new_id()]
            key: int = row[at]
            self._put(plan, key, row)
            return key

        return add

    def _add(self, form: Shape, values: dict[str, Any]) -> int:
        if form.pk == "id" and values.get("id") is None:
            values["id"] = self.new_id()
        key: int = values[form.pk]
        self._put(form.plan(tuple(values)), key, list(values.values()))
        return key

    def _put(self, plan: Plan, key: int, given: list[Any]) -> None:
        form = plan.form
        if form.logged:
            name = f"{form.label}/{key}"
            draft = self._open(form)
            draft.rows[name], hidden = plan.describe(given)
            if hidden:
                draft.hidden[name] = hidden
        self.waiting[plan].append(plan.row(given))

    def update(self, instance: Any, **values: Any) -> None:
        """Change columns of ``instance`` (attribute names) and describe them in the open entry."""
        self.flush()
        model: type[models.Model] = type(instance)
        form = shape(model)
        with connection.cursor() as cursor:
            cursor.execute(form.update_sql(tuple(values)), [*form.adapted(values), instance.pk])
            done = cursor.rowcount
        if not done:
            raise Conflict(f"{form.label} {instance.pk} is gone")
        for name, value in values.items():
            setattr(instance, name, value)
        if form.logged:
            draft = self._open(form)
            key = f"{form.label}/{instance.pk}"
            codes, hidden = form.changed(values)
            known = draft.rows.get(key)
            draft.rows[key] = {**known, **codes} if known else codes
            if hidden:
                draft.hidden[key] = {**draft.hidden.get(key, {}), **hidden}

    def update_many(self, model: type[models.Model], keys: Sequence[int], **values: Any) -> None:
        """Give the rows with these keys the same values in columns that are not private, and describe
        them together in the open entry. Raises ``Conflict`` when one of them is gone."""
        self.flush()
        form = shape(model)
        codes, hidden = form.changed(values)
        if hidden or not form.logged:
            raise TypeError(
                f"{form.label}: rows are changed together in open, logged columns alone"
            )
        with connection.cursor() as cursor:
            cursor.execute(
                form.update_many_sql(tuple(values)), [*form.adapted(values), chosen(keys)]
            )
            if cursor.rowcount != len(keys):
                raise Conflict(f"{form.label}: {len(keys) - cursor.rowcount} rows are gone")
        self._open(form).many.append((form.label, codes, [str(key) for key in keys]))

    def delete(self, instance: Any) -> None:
        """Delete the row of ``instance`` and say so in the open entry."""
        self.flush()
        model: type[models.Model] = type(instance)
        form = shape(model)
        model._base_manager.filter(pk=instance.pk).delete()
        if form.logged:
            self._open(form).rows[f"{form.label}/{instance.pk}"] = None

    def flush(self) -> None:
        """Send the waiting inserts to the database, those of one plan together."""
        if not self.waiting:
            return
        waiting, self.waiting = self.waiting, defaultdict(list)
        for plan, rows in waiting.items():
            plan.insert(rows)

    def _open(self, form: Shape) -> Draft:
        if not self.drafts:
            raise StrayWrite(f"a change of {form.label} without an entry")
        return self.drafts[-1]


def _take_numbers(count: int) -> int:
    """Take ``count`` numbers: the one before them. PostgreSQL holds the sequencer until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_sequencer SET last = last + %s WHERE id = 1 RETURNING last", [count]
        )
        row = cursor.fetchone()
        if row is None:
            cursor.execute("INSERT INTO kernel_sequencer (id, last) VALUES (1, %s)", [count])
            return 0
    return int(row[0]) - count


def _append(done: list[Write]) -> None:
    """Append the drafts of these actions, in order: the last statements of the transaction."""
    drafts = [(w, d) for w in done for d in w.drafts]
    if not drafts:
        return
    last = _take_numbers(len(drafts))
    entries: list[tuple[Any, ...]] = []
    payloads: list[tuple[Any, ...]] = []
    for w, draft in drafts:
        last += 1
        closed = draft.close()
        entries.append((last, w.now, draft.verb, draft.case_id, draft.actor.ref, *closed))
        payloads.extend((n, last, p.slot, p.blind, p.body, p.path) for n, p in draft.payloads)
    for model, rows in ((Entry, entries), (Payload, payloads)):
        if rows:
            plan = shape(model).whole
            plan.insert([plan.row(r) for r in rows])


@contextmanager
def _permitted() -> Iterator[None]:
    if getattr(_state, "writing", False):
        raise StrayWrite("kernel.write inside kernel.write: pass the Write on instead")
    _state.writing = True
    try:
        yield
    finally:
        _state.writing = False


@dataclass
class _Job:
    fn: Callable[[Write], Any]
    actor: Actor
    done: threading.Event
    language: str | None = None  # of the thread that waits: refusals are said in it
    result: Any = None
    error: BaseException | None = None


def _run_group(jobs: list[_Job], *, hopeful: bool = True) -> None:
    """Run jobs in one transaction, each as in a savepoint; set results after the commit.

    ``hopeful``: first without savepoints; if one fails all is rolled back and done again with them.
    """
    succeeded: list[Write] = []
    hopeful = hopeful and len(jobs) > 1
    committing = False
    try:
        with _permitted(), turn(), transaction.atomic():
            for job in jobs:
                w = Write(job.actor, clock.now())
                _speak(job)
                if len(jobs) == 1 or hopeful:
                    # Alone, the transaction itself is the savepoint. In a group most actions
                    # succeed: savepoints come with the second try, when one of them failed.
                    job.result = job.fn(w)
                    w.flush()
                    succeeded.append(w)
                    continue
                try:
                    with transaction.atomic():
                        job.result = job.fn(w)
                        w.flush()
                    succeeded.append(w)
                except Exception as error:
                    job.error = error
            _append(succeeded)
            committing = True
    except Exception as error:
        if hopeful and not committing:  # after a failed commit nobody may try again blindly
            for job in jobs:
                job.result = job.error = None
            _run_group(jobs, hopeful=False)
            return
        if not isinstance(error, DatabaseError):
            if len(jobs) > 1:
                raise
            jobs[0].error = error
            return
        if len(jobs) > 1 and isinstance(error, IntegrityError):
            # A deferred constraint of one action spoils the commit of all: run them one by one.
            for job in jobs:
                job.result = job.error = None
                _run_group([job])
            return
        for job in jobs:
            _speak(job)
            job.error = job.error or _storage_error(error)
        return
    for w in succeeded:
        for fn in w.after:
            fn()


def _speak(job: _Job) -> None:
    """Refusals are said in the language of the one who waits."""
    if job.language:
        translation.activate(job.language)


def _storage_error(error: DatabaseError) -> Exception:
    text = str(error).lower()
    if "full" in text or "no space" in text or "readonly" in text or "disk i/o" in text:
        full = Full(_("The disk of this server is full. Nothing of this was kept."))
        full.__cause__ = error
        return full
    return error


class _Writer(threading.Thread):
    """The writer thread of a web process."""

    GROUP = 256

    def __init__(self) -> None:
        super().__init__(name="huhang-writer", daemon=True)
        self.queue: list[_Job] = []
        self.wake = threading.Condition()
        self.stopping = False

    def submit(self, job: _Job) -> None:
        with self.wake:
            if self.stopping:
                raise Full(_("The server is stopping. Nothing of this was kept."))
            self.queue.append(job)
            self.wake.notify()

    def run(self) -> None:
        while True:
            with self.wake:
                while not self.queue and not self.stopping:
                    self.wake.wait()
                if not self.queue:
                    connection.close()
                    return
                jobs, self.queue = self.queue[: self.GROUP], self.queue[self.GROUP :]
            try:
                connection.close_if_unusable_or_obsolete()
                _run_group(jobs)
            except BaseException as error:
                for job in jobs:
                    job.error = job.error or error
            for job in jobs:
                job.done.set()

    def stop(self) -> None:
        with self.wake:
            self.stopping = True
            self.wake.notify()
        self.join(timeout=30)


_writer: _Writer | None = None


def start_writer() -> None:
    """Start this process's writer thread (a web process does so once, when it starts)."""
    global _writer
    if _writer is None or not _writer.is_alive():
        _writer = _Writer()
        _writer.start()


def stop_writer() -> None:
    """Finish what is queued and stop the writer thread."""
    global _writer
    if _writer is not None:
        _writer.stop()
        _writer = None


def write(fn: Callable[[Write], T], *, actor: Actor) -> T:
    """Run ``fn`` with a ``Write``; its result, once the change and its entries are committed.

    Raises whatever ``fn`` raises (nothing of it is then kept) and ``Full`` when storage refuses.
    """
    job = _Job(fn, actor, threading.Event())
    if _writer is not None and threading.current_thread() is not _writer:
        job.language = translation.get_language()
        _writer.submit(job)
        job.done.wait()
    else:
        _run_group([job])
    if job.error is not None:
        raise job.error
    return job.result  # type: ignore[no-any-return]


def write_many(fns: list[Callable[[Write], Any]], *, actor: Actor) -> list[Any]:
    """Run several actions in one group; a list of results, an exception in place of a failed one."""
    jobs = [_Job(fn, actor, threading.Event()) for fn in fns]
    if _writer is not None and threading.current_thread() is not _writer:
        for job in jobs:
            job.language = translation.get_language()
            _writer.submit(job)
        for job in jobs:
            job.done.wait()
    else:
        _run_group(jobs)
    return [job.error if job.error is not None else job.result for job in jobs]
