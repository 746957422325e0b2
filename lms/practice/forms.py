"""What the pages of practice send."""

from wtforms import HiddenField, IntegerField, RadioField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import HiddenInput

from lms.web.forms import Form


class RoundForm(Form):
    """Where a round takes its items from."""

    source = RadioField(choices=["course", "book"], default="course")


class AnswerForm(Form):
    """Which item of the round is answered; the answer itself is read as exams read it."""

    position = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(min=1, max=9_999)])


class LeaveForm(Form):
    """The item that leaves the book."""

    ref = HiddenField(validators=[DataRequired(), Length(max=40)])


class MockForm(Form):
    """A page of a mock exam; the answers are read as exams read them."""
