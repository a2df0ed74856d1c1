"""Form fields of both rooms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.choices import flatten_choices
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from huhang.kernel.plain import plain_line

MOST_NAMED = 12
"""Choices that a refusal names; of more it says only that a value is none of them."""


class Typed(forms.CharField):
    """A text that takes more than it may hold, counts while one types, and says what is too much:
    a browser's ``maxlength`` would cut what is pasted without a word. ``most``: characters."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        self.most = most
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """How many characters it may hold, for the script that counts."""
        return {**super().widget_attrs(widget), "data-most": self.most}

    def validate(self, value: Any) -> None:
        """Not longer than ``most`` characters."""
        super().validate(value)
        if len(value) > self.most:
            raise ValidationError(
                _("At most %(limit)d characters, not %(given)d.")
                % {"limit": self.most, "given": len(value)}
            )


class LongText(Typed):
    """The same of several lines: ``rows`` are shown."""

    def __init__(self, *, most: int, rows: int = 5, **kwargs: Any) -> None:
        super().__init__(most=most, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


def _options(choices: Iterable[tuple[Any, Any]], chosen: list[str]) -> SafeString:
    return format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        (
            (key, mark_safe(" selected") if str(key) in chosen else "", words)
            for key, words in choices
        ),
    )


class Select(forms.Select):
    """Choices in a list that is written in one go: Django renders each through two templates, which
    of a hundred units took longer than the rest of a page."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The list with its options, those that belong together under their name."""
        chosen = self.format_value(value)
        options = format_html_join(
            "\n",
            "{}",
            (
                (
                    format_html('<optgroup label="{}">{}</optgroup>', key, _options(words, chosen))
                    if isinstance(words, list | tuple)
                    else _options([(key, words)], chosen),
                )
                for key, words in self.choices
            ),
        )
        known = {**self.build_attrs(self.attrs, attrs), "name": name}
        return format_html("<select{}>{}</select>", flatatt(known), options)


class Choice(forms.ChoiceField):
    """One of several, in a list that opens."""

    widget = Select


class Form(forms.Form):
    """A form that refuses in our words: what was given, shortened, and what is allowed."""

    def add_error(self, field: str | None, error: Any) -> None:
        """Put an error beside its field; what Django found wrong is said in our words."""
        if field in self.fields and isinstance(error, ValidationError):
            given = self.fields[field].widget.value_from_datadict(
                self.data, self.files, self.add_prefix(field)
            )
            error = [_words(self.fields[field], one, given) for one in error.error_list]
        super().add_error(field, error)


def _words(field: forms.Field, error: ValidationError, given: Any) -> Any:
    """What Django found wrong with this value, in our words; what we said ourselves stays."""
    code, params = error.code or "", error.params or {}
    value = params.get("value", getattr(given, "name", given))
    told: dict[str, Any] = {"given": plain_line(str(value))[:40]}
    if code == "required":
        return _("This is needed.")
    if code == "null_characters_not_allowed":
        return _("A character stands in it that nobody can see.")
    if code == "invalid_choice":
        return _choices(field, told)
    if isinstance(field, forms.DateField):
        return _("“%(given)s” is no date such as 2026-11-24.") % told
    if isinstance(field, forms.IntegerField):
        told |= {"least": field.min_value, "most": field.max_value}
        return _("A whole number from %(least)d to %(most)d is needed, not “%(given)s”.") % told
    if isinstance(field, forms.FileField):
        return _file(code, told)
    return error


def _file(code: str, told: dict[str, Any]) -> str:
    if code == "empty":
        return _("The file “%(given)s” is empty: choose another one.") % told
    return _("No file came with this: choose it again.")


def _choices(field: forms.Field, told: dict[str, Any]) -> str:
    """That this is no choice; and the choices, where they are few."""
    known: Iterable[tuple[Any, Any]] = flatten_choices(getattr(field, "choices", ()))
    offered = [str(words) for key, words in known if key]
    if not 0 < len(offered) <= MOST_NAMED:
        return _("“%(given)s” is not one of the choices.") % told
    told["known"] = pgettext("list", ", ").join(offered)
    return _("“%(given)s” is not one of the choices: %(known)s.") % told


class Between(Form):
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
