"""Returns (报表): tables that go upward each month or quarter, frozen at their cut-off.

Purpose: count a period once, as it was known at the cut-off; say what changed later as corrections.
Verbs: freeze (by the worker, or by a leader with a reason), sign, send.
Invariants: a frozen table never changes; each later table of its kind freezes what changed in the
earlier ones, so that frozen plus corrections is a recount at that moment, cell by cell; a reader is
shown each table over the cases that they may know of (docs/adr/0017).
"""
