"""Follows what review and video announce, and proves to the audit that learners see what was approved."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.audit.domain.findings import Finding, Kind
from lms.catalogue import queries, service
from lms.kernel.errors import NotFound
from lms.moderation.events import RevisionChanged, revision_changed
from lms.video.events import AssetChanged, asset_ready, asset_refused


@revision_changed.connect
def _on_revision_changed(_sender: object, event: RevisionChanged) -> None:
    if event.kind == service.KIND:
        service.follow_review(event)


@asset_ready.connect
def _on_asset_ready(_sender: object, event: AssetChanged) -> None:
    service.follow_asset(event.asset_id, refused_because=None, now=event.at)


@asset_refused.connect
def _on_asset_refused(_sender: object, event: AssetChanged) -> None:
    service.follow_asset(event.asset_id, refused_because=event.reason, now=event.at)


@audit.register_check("lectures")
def _live_lectures_are_as_approved(session: Session) -> Iterator[Finding | None]:
    for lecture_id, revision_id in queries.live_revisions(session):
        try:
            same = (
                queries.approved_hash(session, revision_id)
                == queries.lecture_version(session, revision_id).content_hash
            )
        except (NotFound, LookupError, TypeError, ValueError):  # a part of it is gone, or can't be read any more
            same = False
        yield None if same else Finding(Kind.CONTENT, "lecture", str(lecture_id), "learners see what was not approved")
