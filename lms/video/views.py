"""Serves packages and captions to browsers that hold a grant for exactly that asset."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Response, request, send_file, url_for

from lms import settings as settings_module
from lms.infra.db import reading
from lms.infra.hls import MASTER
from lms.infra.storage import storage
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.video import queries, service
from lms.video.events import playlist_fetched
from lms.web import guards

bp = Blueprint("video_learner", __name__)

MARK = "for"
MEDIA_TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "m4s": "video/iso.segment",
    "mp4": "video/mp4",
    "jpg": "image/jpeg",
}


def grant_cookie(asset_id: UUID, *, mark: str = "") -> Callable[[Response], None]:
    """A function that sets the grant on a response; pages and beats call it. `mark`: what the asset is played for."""
    settings = settings_module.current()
    grant = service.mint_grant(
        asset_id, mark=mark, secret=settings.secret_key, seconds=settings.grant_seconds, now=clock.now()
    )

    def set_cookie(response: Response) -> None:
        response.set_cookie(
            grant.name,
            grant.value,
            max_age=grant.max_age,
            path=grant.path,
            secure=settings.secure_cookies,
            httponly=True,
            samesite="Strict",
        )

    return set_cookie


def master_url(asset_id: UUID, mark: str) -> str:
    """The address of the master playlist under which its fetch is told with `mark`."""
    return f"{url_for('video_learner.package_file', asset_id=asset_id, name=MASTER)}?{urlencode({MARK: mark})}"


def _check_grant(asset_id: UUID) -> str:
    settings = settings_module.current()
    return service.check_grant(
        request.cookies.get(service.GRANT_COOKIE),
        asset_id,
        secret=settings.secret_key,
        seconds=settings.grant_seconds,
        now=clock.now(),
    )


@bp.get("/media/<uuid:asset_id>/captions/<uuid:caption_id>.vtt")
@guards.public  # the signed grant is the guard
def captions(asset_id: UUID, caption_id: UUID) -> Response:
    """A caption track of the granted asset; its id is random, so that a draft's can't be guessed."""
    _check_grant(asset_id)
    with reading() as session:
        found = queries.caption(session, caption_id)
    if found.asset_id != asset_id:
        raise NotFound
    return Response(found.text, mimetype="text/vtt", headers={"Cache-Control": "private, max-age=300"})


@bp.get("/media/<uuid:asset_id>/<path:name>")
@guards.public  # the signed grant is the guard
def package_file(asset_id: UUID, name: str) -> Any:
    """A playlist, segment or poster of a package. The master playlist tells who marked it, in the address or in the grant."""
    granted_mark = _check_grant(asset_id)
    media_type = MEDIA_TYPES.get(name.rsplit(".", 1)[-1])
    if media_type is None:
        raise NotFound
    path = storage().path(f"{service.package_key(asset_id)}/{name}")
    response = send_file(path, mimetype=media_type, conditional=True, max_age=300)
    response.headers["Cache-Control"] = "private, max-age=300"
    mark = request.args.get(MARK, granted_mark) if name == MASTER else ""
    if mark:
        playlist_fetched.send(None, asset_id=asset_id, mark=mark, at=clock.now())
    return response
