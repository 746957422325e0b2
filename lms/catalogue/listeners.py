"""Follows what review and video announce."""

from lms.catalogue import service
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
