"""The colours and faces of drawings: those of the pages' style sheet, which turns them round in the dark scheme."""

INK, SOFT, RULE, ACCENT = "#1b2325", "#51595c", "#d3d8d6", "#0b5d66"
PLAIN = "sans-serif"
"""The face in which a drawing is measured: with a list of faces that takes twice the time."""
FACES = (
    "Noto Sans CJK SC, Noto Sans SC, PingFang SC, HarmonyOS Sans SC, Microsoft YaHei, sans-serif"
)
"""The faces in which it is shown; a machine without them takes its own."""
