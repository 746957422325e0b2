"""The two ways in which a stranger checks a certificate: by its file, by number and name."""

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from lms.web.forms import Form, strip

NEEDED = _l("请填写此项")


class FileCheckForm(Form):
    """A PDF file as it was downloaded."""

    file = FileField(_l("证书文件（PDF）"), validators=[FileRequired(_l("请选择证书文件"))])


class NumberCheckForm(Form):
    """Number and full name; the name stands for having seen the certificate."""

    number = StringField(_l("证书编号"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=40)])
    name = StringField(_l("姓名"), filters=[strip], validators=[DataRequired(NEEDED), Length(max=60)])
