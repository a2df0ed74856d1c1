"""Form fields of both rooms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class LongText(forms.CharField):
    """A text area that takes more than it may hold, counts while one types, and says what is too
    much: a browser's ``maxlength`` would cut what is pasted without a word."""

    def __init__(self, *, most: int, rows: int = 5, **kwargs: Any) -> None:
        self.most = most
        widget = forms.Textarea(attrs={"rows": rows, "data-most": most})
        super().__init__(widget=widget, **kwargs)

    def validate(self, value: Any) -> None:
        """Not longer than ``most`` characters."""
        super().validate(value)
        if len(value) > self.most:
            raise ValidationError(
                _("At most %(limit)d characters, not %(given)d.")
                % {"limit": self.most, "given": len(value)}
            )
