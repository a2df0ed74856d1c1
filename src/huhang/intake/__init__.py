"""Taking reports in: by scan code, by a clerk, from hotline files.

Verbs: ``submit``, ``take_in``, ``import_file``. Invariants: a report about the receiving office's
leaders or a superior organ is never stored; the same report sent twice is one; an acknowledged
report is in the database with its case, parties and entry.
"""
