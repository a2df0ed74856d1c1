"""The dashboard's charts: each a table of counted cases, drawn once for page, Word and PDF.

Purpose: show where the loop stands, over what the viewer may know of. Read only.
Invariants: each cell is a condition on facts, and the same condition lists its cases; the gate is
that of ``figures.among``; what leaves for publication has no cell that its shown neighbours give
away; no person is counted, and units stand in bands where their intervals overlap, never in ranks.
"""
