"""Form fields of both rooms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


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


class Between(forms.Form):
    """Days from ``since`` to ``until``, each of which may be open. An end before the beginning is
    said and left out. ``begins``, ``ends``: what the fields are called."""

    begins: Any = gettext_lazy("Received from")
    ends: Any = gettext_lazy("Received to")
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since"].label, self.fields["until"].label = self.begins, self.ends

    def clean(self) -> dict[str, Any]:
        """The end is not before the beginning."""
        given = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", _("The period ends before it begins."))
        return given
