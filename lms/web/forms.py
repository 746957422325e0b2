"""The base of all forms, and how a refused rule comes back to its field."""

from collections.abc import Mapping

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import Field, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from lms.kernel.errors import Invalid
from lms.kernel.texts import is_invisible


class Form(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """A form with a CSRF token that lives as long as the session."""

    def take(self, error: Invalid) -> None:
        """Shows a refusal of the service beside the fields it names."""
        self.show(error.fields, error.extra)

    def show(self, problems: Mapping[str, str], facts: Mapping[str, object] | None = None) -> None:
        """Adds messages, their placeholders filled with facts, to fields; those of no field go to the form as a whole."""
        for name, source in problems.items():
            text = gettext(source, **(facts or {}))
            field = self._fields.get(name)
            if field is None:
                self.form_errors.append(text)
            else:
                field.errors = [*field.errors, text]


class Checkboxes(SelectMultipleField):  # type: ignore[misc]  # wtforms ships no types
    """Several of a list, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: FlaskForm) -> None:
        """Refuses what is not in the list without quoting it, as WTForms would: it may be anything, a number too."""
        try:
            super().pre_validate(form)
        except ValidationError as error:
            raise ValidationError(gettext("请从列表中选择")) from error


def strip(value: str | None) -> str | None:
    """Field filter: no spaces around what people typed, and no invisible characters but line breaks and tabs.

    Direction marks, zero-width spaces and letters without a shape would let a name look like another's or like none;
    PostgreSQL can't store NUL.
    """
    if not isinstance(value, str):
        return value
    return "".join(c for c in value if c in "\r\n\t" or not is_invisible(c)).strip()


__all__ = ["Checkboxes", "Field", "Form", "strip"]
