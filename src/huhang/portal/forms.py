"""The pages' questions, for showing; ``portal.answers`` checks what was answered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from huhang.kernel.plain import MAX_TEXT
from huhang.look.fields import LongText, Typed
from huhang.portal import answers as said
from huhang.rulebook import current


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


def _words(texts: dict[str, Any]) -> list[tuple[str, str]]:
    language = get_language() or "zh-hans"
    return [(key, text.in_(language)) for key, text in texts.items()]


class Question(forms.Form):
    """A page with its question or questions."""

    def __init__(self, answers: said.Answers, error: Exception | None = None) -> None:
        values = {
            name: getattr(answers, name) for name in self.base_fields if hasattr(answers, name)
        }
        super().__init__(initial=values)
        self.fill()
        if error is not None:
            self.is_bound = True
            self.data = values
            self.cleaned_data = {}
            self._errors = ErrorDict()
            name = getattr(error, "field", "")
            self.add_error(name if name in self.fields else None, str(error))

    def fill(self) -> None:
        """Choices that depend on the language of the page."""


class Whom(Question):
    subject = forms.ChoiceField(
        label=_("Whom does your report concern?"), widget=forms.RadioSelect,
        choices=lambda: list(said.subjects().items()),
    )  # fmt: skip


class Unit(Question):
    unit = Typed(
        label=_("Which unit is it?"), most=120,
        help_text=_("A name or what people call it, such as an office, a town or a service window."),
        widget=forms.TextInput(attrs={"list": "units", "autocomplete": "off"}),
    )  # fmt: skip
    person = Typed(
        label=_("Is it about somebody who works there?"), most=120, required=False,
        help_text=_("A name or a post, if you know it. Whoever you name is kept out of your report."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class Kind(Question):
    kind = forms.ChoiceField(label=_("Which of these is closest?"), widget=forms.RadioSelect)

    def fill(self) -> None:
        book = current()
        self.fields["kind"].choices = _words(book.kind_questions)  # type: ignore[attr-defined]
        kept_from = {n.kind for n in book.natures.values() if n.relation_of_named == "accused"}
        words = [w for key, w in _words(book.kind_questions) if key in kept_from]
        if words:
            self.fields["kind"].help_text = _(
                "“%(choices)s” is kept from the unit that it is about. Anything else is usually "
                "handled by that unit, once the intake office has accepted it."
            ) % {"choices": "” “".join(words)}


class What(Question):
    text = LongText(
        label=_("What happened?"), most=MAX_TEXT, rows=9,
        help_text=_("In your own words: what, where, who, how often. Leave out what could tell who "
                    "you are, if you want to stay anonymous."),
    )  # fmt: skip


class When(Question):
    occurred_on = forms.CharField(
        label=_("When did it happen?"), required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip
    when = Typed(
        label=_("Or in words"), required=False, most=200,
        help_text=_("For example: since last spring, every week."),
    )  # fmt: skip


class Files(Question):
    upload = forms.FileField(
        label=_("Do you have photos, papers or recordings?"), required=False,
        widget=_Files(attrs={"multiple": True}),
    )  # fmt: skip


class Contact(Question):
    reach = forms.ChoiceField(
        label=_("May we know who you are?"), widget=forms.RadioSelect,
        choices=[
            ("anonymous", _("No, I stay anonymous")),
            ("contact", _("Yes, I leave my name or telephone")),
        ],
    )  # fmt: skip
    name = Typed(label=_("Name"), required=False, most=80,
                           widget=forms.TextInput(attrs={"autocomplete": "name"}))  # fmt: skip
    phone = Typed(label=_("Telephone or another way to reach you"), required=False,
                            most=80)  # fmt: skip


class Send(Question):
    """The last page asks nothing but a puzzle, when there were many from one place."""


PAGES: dict[str, type[Question]] = {
    "whom": Whom, "unit": Unit, "kind": Kind, "what": What, "when": When, "files": Files,
    "contact": Contact, "send": Send,
}  # fmt: skip
