"""Actor, clock, ids, errors and the one write path.

Every change of the database goes through ``kernel.write.write(fn, actor=...)``. ``fn`` gets a
``Write``; each row that it inserts, updates or deletes is recorded in the entry that is open, so
that replaying the entries finds every row again. Invariants: no write without an entry (derived
read models excepted, and declared so); sequence numbers have no gaps; an entry's manifest holds
codes and references, its payloads hold text and names.
"""
