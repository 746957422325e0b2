"""The filters of the record's page and its export."""

from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, Optional, Regexp, ValidationError

from lms.audit.domain.areas import AREAS
from lms.kernel.clock import SHANGHAI
from lms.web.forms import Field, Form, strip

FIRST_YEAR, LAST_YEAR = 2000, 2100

_WRONG_ID = _l("编号的格式不对")
_ADDRESS = (
    r"([0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-fA-F.]{0,4}:[0-9a-fA-F:.]{1,40}"  # of the protocol's fourth or sixth version
)
_AN_ID = r"[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"


class FilterForm(Form):
    """What the list is limited to; it stands in the address, so that nothing personal may be asked for in it."""

    FIELDS = frozenset({"since", "until", "area", "action", "actor", "object_id", "request_id", "address", "not_ok"})

    class Meta:
        csrf = False

    since = DateField(_l("开始日期"), validators=[Optional()])
    until = DateField(_l("结束日期"), validators=[Optional()])
    area = SelectField(_l("操作类别"), validators=[Optional()])
    action = StringField(
        _l("操作代码"),
        filters=[strip],
        render_kw={"pattern": r"[a-z_.\-]{1,60}"},
        validators=[Optional(), Regexp(r"[a-z_.-]{1,60}$", message=_l("操作代码由小写字母、点和下划线组成"))],
    )
    actor = StringField(
        _l("操作人编号"),
        filters=[strip],
        render_kw={"pattern": _AN_ID},
        validators=[Optional(), Regexp(f"{_AN_ID}$", message=_WRONG_ID)],
    )
    object_id = StringField(
        _l("对象编号"),
        filters=[strip],
        render_kw={"pattern": _AN_ID},
        validators=[Optional(), Regexp(f"{_AN_ID}$", message=_WRONG_ID)],
    )
    request_id = StringField(
        _l("请求编号"),
        filters=[strip],
        render_kw={"pattern": "[0-9a-f]{16}"},
        validators=[Optional(), Regexp(r"[0-9a-f]{16}$", message=_l("请求编号是 16 位十六进制数"))],
    )
    address = StringField(
        _l("来源地址"),
        filters=[strip],
        render_kw={"pattern": _ADDRESS},
        validators=[Optional(), Length(max=45), Regexp(f"(?:{_ADDRESS})$", message=_l("请填写 IP 地址"))],
    )
    not_ok = BooleanField(_l("只看未成功的操作"))

    def validate_since(self, field: Field) -> None:
        """Days that no clock of the platform ever showed are mistyped."""
        if field.data and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
            raise ValidationError(_("请填写 2000 年至 2100 年之间的日期"))

    validate_until = validate_since

    def offer_areas(self) -> None:
        """Fills the list of kinds of acts."""
        self.area.choices = [
            SelectChoice("", _("全部")),
            *(SelectChoice(code, _(name)) for code, name in AREAS.items()),
        ]

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """The days as moments: from the first one's beginning to the last one's end, in Shanghai."""
        since, until = (
            datetime.combine(day, time(), SHANGHAI).astimezone(UTC) if day else None
            for day in (self.since.data, self.until.data)
        )
        return since, until + timedelta(days=1) if until else None

    @property
    def actor_id(self) -> UUID | None:
        """Whose acts are asked for."""
        return UUID(self.actor.data) if self.actor.data else None
