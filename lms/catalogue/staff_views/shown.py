"""Turns a lecture's version into what the pages show: items with their keys, captions, the player, the way through review."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.catalogue import queries, service
from lms.kernel.clock import SHANGHAI
from lms.moderation import queries as moderation
from lms.moderation.domain.workflow import Level, State
from lms.organisations import queries as organisations
from lms.questionbank.domain.items import Item
from lms.video import queries as video
from lms.video.domain import captions
from lms.video.domain.captions import Cue
from lms.web import richtext

PER_PAGE = 20
_PLACE = {
    State.DRAFT: 0,
    State.RETURNED: 0,
    State.SUBMITTED: 1,
    State.PROVINCE_REVIEW: 2,
    State.NATIONAL_REVIEW: 3,
    State.APPROVED: 4,
    State.PUBLISHED: 5,
    State.SUSPENDED: 5,
    State.SUPERSEDED: 5,
    State.RETIRED: 5,
}


@dataclass(frozen=True)
class ShownOption:
    """A choice, and whether the key names it."""

    key: str
    text: str
    right: bool


@dataclass(frozen=True)
class ShownItem:
    """An item with everything that a reviewer judges."""

    item: Item
    options: tuple[ShownOption, ...]


@dataclass(frozen=True)
class Shown:
    """Everything that the pages of one revision show, read in one go."""

    revision: moderation.Revision
    author: accounts.Person
    unit_name: str
    """Of the unit that it was made for; "" where the tree holds none there any more. Where the author went later is not told."""
    version: queries.LectureVersion
    outline: Markup
    asset: video.Asset
    progress: video.Progress
    cues: tuple[Cue, ...]
    items: tuple[ShownItem, ...]
    practice_items: tuple[ShownItem, ...]
    history: tuple[moderation.Change, ...]
    reviews: tuple[moderation.Review, ...]
    submission: moderation.Submission | None
    replaces: bool
    """Whether it is on its way to take the place of a version that learners know."""

    @property
    def player(self) -> dict[str, str] | None:
        """Addresses for the preview player, None until the video is ready."""
        if self.asset.state != "ready":
            return None
        package = f"/media/{self.asset.id}"
        captions_url = f"{package}/captions/{self.version.caption_id}.vtt" if self.version.caption_id else ""
        return {
            "playlist": f"{package}/master.m3u8",
            "poster": f"{package}/poster.jpg",
            "captions": captions_url,
            "grant_url": url_for("catalogue_staff.renew_grant", revision_id=self.revision.id),
        }

    @property
    def steps(self) -> list[dict[str, str]]:
        """The way from draft to publication, for ui.steps."""
        return _steps(self.revision.state, self.asset.state, self.reviews)


def load(session: Session, revision_id: UUID) -> Shown:
    """Reads a revision whole. Raises NotFound."""
    revision = moderation.revision(session, revision_id)
    version = queries.lecture_version(session, revision_id)
    caption = video.caption(session, version.caption_id) if version.caption_id else None
    return Shown(
        revision=revision,
        author=accounts.person(session, revision.author_id),
        unit_name=next((one.name for one in organisations.at_paths(session, [revision.unit_path])), ""),
        version=version,
        outline=Markup(richtext.clean(version.outline)),  # noqa: S704 - cleaned in this very line
        asset=video.asset(session, version.asset_id),
        progress=video.progress(session, version.asset_id),
        cues=_cues(caption),
        items=tuple(_item(item) for item in version.items),
        practice_items=tuple(_item(item) for item in version.practice_items),
        history=tuple(_spoken(change) for change in moderation.history(session, revision_id)),
        reviews=moderation.reviews(session, revision_id),
        submission=moderation.last_submission(session, revision_id),
        replaces=revision.state in service.ON_ITS_WAY
        and bool(moderation.of_subject(session, revision.subject_id, tuple(service.REVISABLE))),
    )


def days_since(moment: datetime, now: datetime) -> int:
    """Calendar days in Shanghai between two moments."""
    return (now.astimezone(SHANGHAI).date() - moment.astimezone(SHANGHAI).date()).days


def _spoken(change: moderation.Change) -> moderation.Change:
    """The platform's own reasons in the reader's language; people's words as they wrote them."""
    return replace(change, comment=_(change.comment)) if change.comment and not change.actor_name else change


def _item(item: Item) -> ShownItem:
    options = tuple(ShownOption(one.key, one.text, one.key in item.answer) for one in item.options)
    return ShownItem(item, options)


def _cues(caption: video.Caption | None) -> tuple[Cue, ...]:
    if caption is None:
        return ()
    return captions.parse(caption.text.encode(), duration_ms=None, limits=captions.Limits())


def _steps(state: State, asset_state: str, reviews: Sequence[moderation.Review]) -> list[dict[str, str]]:
    titles = [_("编写内容"), _("视频检查与转码"), _("省级审核"), _("全国审核"), _("发布")]
    notes = [
        "",
        "",
        _("由所在省（区、市）总工会审核"),
        _("由全国总工会审核并核定学时"),
        _("全国审核通过后自动发布，学员可见"),
    ]
    place = _PLACE.get(state)
    failed = None
    if state is State.DECLINED:
        place = failed = 3 if reviews and reviews[-1].level is Level.NATIONAL else 2
    elif place is None:
        place = 0
    entries = []
    for number, (title, note) in enumerate(zip(titles, notes, strict=True)):
        mark = "done" if number < place else "current" if number == place else "locked"
        if number == 1 and place <= 1:
            mark = {"ready": "done", "refused": "failed", "failed": "failed"}.get(asset_state, "current")
        entries.append({"title": title, "text": note, "state": "failed" if number == failed else mark})
    return entries
