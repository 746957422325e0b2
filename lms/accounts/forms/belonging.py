"""The fields by which somebody names their unit, or the nearest union when it is not listed."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField

from lms.organisations.domain.picking import Answers
from lms.web.forms import Form, strip


class BelongingForm(Form):
    """A form that asks where somebody belongs; templates/organisations/picker.html draws these fields."""

    unit_query = StringField(_l("工作单位"), filters=[strip])
    unit_id = StringField(_l("工作单位"), filters=[strip])
    unlisted = BooleanField(_l("我的单位不在列表中"))
    unlisted_name = StringField(_l("单位全称"), filters=[strip])
    parent_query = StringField(_l("上级工会"), filters=[strip])
    parent_id = StringField(_l("上级工会"), filters=[strip])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unlisted_name.flags.required = True  # not marked as optional: it is needed when the unit is not listed

    def answers(self) -> Answers:
        """The fields as plain data."""
        return Answers(
            unit_id=self.unit_id.data or "",
            unlisted=self.unlisted.data,
            unlisted_name=self.unlisted_name.data or "",
            parent_id=self.parent_id.data or "",
        )
