"""The files of the upload form: stored as soon as they arrive, so that a mistake in another field costs no second upload."""

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from wtforms import Field

from lms.accounts.queries import own_among
from lms.catalogue import service
from lms.catalogue.domain import outline
from lms.catalogue.forms import LectureForm
from lms.infra.db import reading
from lms.kernel.errors import Invalid, NotFound
from lms.kernel.principal import Principal
from lms.kernel.texts import decoded
from lms.questionbank import service as questionbank
from lms.questionbank.domain.items import Item
from lms.questionbank.domain.limits import LIMITS
from lms.questionbank.domain.plaintext import canonical
from lms.video import queries as video, service as video_service
from lms.video.domain.captions import Limits
from lms.web import richtext, uploads


class Received:
    """What of the form has arrived: its hidden ids name files of earlier tries, which only their owner may name."""

    def __init__(self, form: LectureForm, principal: Principal, *, now: datetime) -> None:
        self._form = form
        self._owner_id = principal.person_id
        self._now = now
        self.asset = self._known_asset()
        self.caption = self._known_caption()

    @property
    def asset_id(self) -> UUID | None:
        """The video, when there is one."""
        return self.asset.id if self.asset else None

    @property
    def caption_id(self) -> UUID | None:
        """The captions, when there are some."""
        return self.caption.id if self.caption else None

    @property
    def outline(self) -> str:
        """The outline as clean HTML."""
        return richtext.clean(outline.as_html(self._form.outline.data or ""))

    def take_video(self, file: FileStorage | None) -> None:
        """Stores a new video; captions of the one before no longer belong to it."""
        if file and file.filename:
            path = uploads.local_path(file)
            if path.stat().st_size == 0:
                _blame(self._form.video, _("文件是空的"))
                return
            asset_id = video_service.take_upload(
                path, owner_id=self._owner_id, name=_plain_name(file.filename), now=self._now
            )
            with reading() as session:
                self.asset = video.asset(session, asset_id)
            self.caption = None
            self._form.asset_id.data = str(asset_id)
            self._form.caption_id.data = ""
        elif self.asset is None:
            _blame(self._form.video, _("请选择视频文件"))

    def take_captions(self, file: FileStorage | None) -> None:
        """Stores new captions beside the video."""
        if not file or not file.filename:
            return
        if self.asset is None:
            _blame(self._form.captions, _("请连同视频再选一次字幕文件"))
            return
        try:
            caption_id = video_service.take_captions(
                self.asset.id, file.stream.read(Limits().max_bytes + 1), now=self._now
            )
        except Invalid as error:
            self._form.take(error)
            return
        with reading() as session:
            self.caption = video.caption(session, caption_id)
        self._form.caption_id.data = str(caption_id)

    def items(self, file: FileStorage | None) -> tuple[Item, ...]:
        """The items typed and uploaded, in this order; the text of the file then stands in the form."""
        typed = self._form.items.data or ""
        if file and file.filename:
            loaded = decoded(file.stream.read(4 * LIMITS.max_text))
            if loaded is None:
                _blame(self._form.items_file, _("文件的文字编码无法识别，请另存为 UTF-8"))
                return ()
            typed = f"{typed}\n\n{loaded}".strip()
            self._form.items.data = typed
        if not typed:
            return ()
        try:
            return questionbank.read_items(typed)
        except Invalid as error:
            self._form.take(error)
            return ()

    def practice_items(self) -> tuple[Item, ...]:
        """The items for practice that were typed."""
        typed = self._form.practice_items.data or ""
        if not typed:
            return ()
        try:
            return questionbank.read_items(typed)
        except Invalid as error:
            self._form.show({"practice_items": error.fields["items"]})
            return ()

    def apart(self, items: tuple[Item, ...], practice_items: tuple[Item, ...]) -> None:
        """Shows when one is asked for both."""
        try:
            service.require_apart(items, practice_items)
        except Invalid as error:
            self._form.take(error)

    def _known_asset(self) -> video.Asset | None:
        try:
            with reading() as session:
                asset = video.asset(session, UUID(self._form.asset_id.data or ""))
                return asset if own_among(session, self._owner_id, [asset.owner_id]) else None
        except (ValueError, NotFound):
            return None

    def _known_caption(self) -> video.Caption | None:
        try:
            with reading() as session:
                caption = video.caption(session, UUID(self._form.caption_id.data or ""))
        except (ValueError, NotFound):
            return None
        return caption if self.asset and caption.asset_id == self.asset.id else None


def _blame(field: Field, message: str) -> None:
    field.errors = [*field.errors, message]


def _plain_name(name: str) -> str:
    """A file name without folders and control characters."""
    return canonical(name.replace("\\", "/").rsplit("/", 1)[-1]) or _("未命名")
