"""Cases and the reports they carry: the loop from a report to a verified fix.

``flow`` holds the transition table, the single source of buttons, permissions, clocks, notices and
the drawn diagram. ``actions.perform`` is the only way to do a verb. ``queries.visible_to`` is the
only gate: whoever is accused sees nothing of the case on any surface.
"""
