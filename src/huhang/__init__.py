"""Huhang (护航): hears about the offices that govern, and carries every concern to a verified fix."""

__version__ = "0.1.0"
