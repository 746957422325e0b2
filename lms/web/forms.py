"""The base of all forms, and how a refused rule comes back to its field."""

from collections.abc import Mapping

from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import Field

from lms.kernel.errors import Invalid


class Form(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """A form with a CSRF token that lives as long as the session."""

    def take(self, error: Invalid) -> None:
        """Shows a refusal of the service beside the fields it names."""
        self.show(error.fields)

    def show(self, problems: Mapping[str, str]) -> None:
        """Adds messages to fields; those of no field go to the form as a whole."""
        for name, text in problems.items():
            field = self._fields.get(name)
            if field is None:
                self.form_errors.append(gettext(text))
            else:
                field.errors = [*field.errors, gettext(text)]


def strip(value: str | None) -> str | None:
    """Field filter: no spaces around what people typed, and no NUL, which PostgreSQL can't store."""
    return value.replace("\0", "").strip() if isinstance(value, str) else value


__all__ = ["Field", "Form", "strip"]
