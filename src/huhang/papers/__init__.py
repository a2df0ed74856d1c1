"""Papers from a case: forms and letters as Word and PDF, and the office's own serial numbers (文号).

Purpose: draw a paper from a template that the office can change, with what the viewer may see.
Verbs: issue_number, void_number.
Invariants: a paper is drawn only for who may see the case; a series has no gaps, a voided number
stays listed and is never given again; numbers of cases that accuse somebody stand outside the count.
"""
