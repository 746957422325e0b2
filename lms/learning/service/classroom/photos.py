"""Keeps photos of a session: encoded anew, without what a camera writes beside the picture."""

import hashlib
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from lms.accounts.domain.reach import Staff
from lms.audit import service as audit
from lms.infra import photos
from lms.infra.db import unit_of_work
from lms.infra.storage import storage
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Invalid
from lms.learning.models import ClassroomPhotoRow
from lms.learning.service.classroom.refusals import hosted, still_open

MOST_PHOTOS = 12


class TooManyPhotos(Conflict):
    """A session has room for a dozen."""

    code, title = "too_many_photos", N_("照片已达到本场上限，不能再添加")


def add_photo(session_id: UUID, source: Path, *, program: Path, by: Staff, now: datetime) -> UUID:
    """Takes a JPEG or PNG in. The same photo twice is kept once. Returns its id.

    Raises NotFound, RoomOver, TooManyPhotos, and Invalid for what is no photo.
    """
    with unit_of_work() as session:
        still_open(hosted(session, session_id, by))
    try:
        clean = photos.encode(source, program=program)
    except photos.PhotoRefused as refusal:
        raise Invalid(fields={"photo": refusal.reason}) from refusal
    sha256, photo_id = hashlib.sha256(clean).hexdigest(), ids.new_id(now)
    storage().put_bytes(photo_key(session_id, sha256), clean)
    with unit_of_work() as session:
        still_open(hosted(session, session_id, by))
        mine = ClassroomPhotoRow.session_id == session_id
        known = session.execute(select(ClassroomPhotoRow.id).where(mine, ClassroomPhotoRow.sha256 == sha256)).scalar()
        if known is not None:
            return known
        if session.execute(select(func.count()).where(mine)).scalar_one() >= MOST_PHOTOS:
            raise TooManyPhotos
        session.add(
            ClassroomPhotoRow(
                id=photo_id,
                session_id=session_id,
                sha256=sha256,
                size_bytes=len(clean),
                uploaded_by=by.person_id,
                uploaded_at=now,
            )
        )
        session.flush()
        audit.record(
            session,
            action="classroom.photo_added",
            object_type="classroom",
            object_id=session_id,
            actor_id=by.person_id,
            details={"sha256": sha256},
            now=now,
        )
    return photo_id


def photo_key(session_id: UUID, sha256: str) -> str:
    """Where a photo lies in the store; never served without a look at who asks."""
    return f"classrooms/{session_id}/{sha256}.jpg"
