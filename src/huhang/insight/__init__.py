"""Figures and bulletins: what a place's record of cases says.

Purpose: count what a viewer may know of, each figure with its definition and its cases.
Verbs: publish, withdraw (a bulletin). Everything else only reads.
Invariants: every count passes the gate of ``cases.queries``; only publishing suppresses small
cells; a published text never changes.
"""
