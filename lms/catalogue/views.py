"""What of the catalogue is public: posters of published lectures."""

from typing import Any
from uuid import UUID

from flask import Blueprint, send_file

from lms.catalogue import queries
from lms.infra.db import reading
from lms.infra.storage import storage
from lms.video import service as video
from lms.web import guards

bp = Blueprint("catalogue_learner", __name__)


@bp.get("/lectures/<uuid:lecture_id>/poster")
@guards.public
def poster(lecture_id: UUID) -> Any:
    """The poster of a published lecture."""
    with reading() as session:
        lecture = queries.playable_lecture(session, lecture_id)
    path = storage().path(f"{video.package_key(lecture.asset_id)}/poster.jpg")
    return send_file(path, mimetype="image/jpeg", conditional=True, max_age=300)
