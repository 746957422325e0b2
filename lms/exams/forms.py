"""What pages without scripts send of a paper."""

import re

from werkzeug.datastructures import MultiDict
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput

from lms.web.forms import Form

_NAME = re.compile(r"answer-([1-9][0-9]{0,3})")


class PaperForm(Form):
    """The page's epoch; the answers themselves are read by `posted_answers`."""

    epoch = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1)])


def posted_answers(form: MultiDict[str, str]) -> dict[int, list[str]]:
    """Chosen option keys by position."""
    found = {}
    for name in form:
        match = _NAME.fullmatch(name)
        if match:
            found[int(match[1])] = form.getlist(name)
    return found
