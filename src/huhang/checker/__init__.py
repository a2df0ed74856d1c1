"""The figure checker: what a statistical text claims, and which claims contradict each other.

Pure: text in, report out; no database, no data folder. ``check(Source)`` reads Chinese and English
prose. A printed number stands for every value that rounds to it; a contradiction is said only when
no values within the printed ranges can satisfy the identity. Which figure is wrong it cannot know.
"""

from huhang.checker.check import check
from huhang.checker.reading import Source, UnusableText, read_bytes, read_file
from huhang.checker.report import Report

__all__ = ["Report", "Source", "UnusableText", "check", "read_bytes", "read_file"]
