"""Fairness to whoever is concerned by a case, and to whoever reported.

Hearings with minutes, tolerance, clearing, false accusation (a proposal; who decides sits higher),
joint punishment (a hand-over), retaliation. ``models`` keeps their rows, ``effects`` writes them,
``reading`` shows them. No row says who reported, and none is made without a verb of the table.
"""
