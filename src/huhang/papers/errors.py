"""What can be wrong with a paper."""

from __future__ import annotations

from huhang.kernel.errors import HuhangError


class BrokenTemplate(HuhangError):
    """A template of the office cannot be used: names the file, the place and the reason."""


class NoPdf(HuhangError):
    """No PDF can be made here now; Word still can."""
