"""Takes uploads in, makes them playable, and lets a browser fetch what it was granted."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lms.accounts.queries import own_among
from lms.audit import service as audit
from lms.infra import ffmpeg, jobs, mediaprobe
from lms.infra.db import after_commit, reading, unit_of_work
from lms.infra.storage import storage
from lms.kernel import ids
from lms.kernel.errors import N_, NotFound
from lms.kernel.numbers import without_numbers
from lms.video import queries
from lms.video.domain.captions import to_webvtt
from lms.video.events import AssetChanged, asset_ready, asset_refused
from lms.video.models import CaptionRow, MediaAssetRow

GRANT_COOKIE = "lms_media"
STRAY_AFTER = timedelta(days=1)
ENCODING_FAILED = N_("转码失败，请重试；多次失败请更换文件或联系管理员")
NO_FENCE = N_("平台暂时不能安全地处理视频，请联系管理员")
FINAL = frozenset({"ready", "refused"})


@dataclass(frozen=True)
class StoredUpload:
    """An uploaded file in the store that no row names yet; `clear_strays` removes it when none ever does."""

    asset_id: UUID
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class GrantCookie:
    """A cookie that opens one asset's files for a few minutes; it is sent for that asset's addresses only."""

    name: str
    value: str
    path: str
    max_age: int


def source_key(asset_id: UUID) -> str:
    """Where the file as it came lies until its video is ready or refused; never served."""
    return f"uploads/{asset_id}/source"


def copy_key(asset_id: UUID) -> str:
    """Where picture and sound of a ready video are kept as they came, without all that nobody reviewed; never served."""
    return f"uploads/{asset_id}/copy"


def package_key(asset_id: UUID) -> str:
    """The folder of the encoded package."""
    return f"media/{asset_id}"


def take_upload(upload: Path, *, owner_id: UUID, name: str, now: datetime) -> UUID:
    """Moves an uploaded file into the store and queues its check and encoding. Returns the asset's id."""
    return register_upload(store_upload(upload, name=name, now=now), owner_id=owner_id, now=now)


def store_upload(upload: Path, *, name: str, now: datetime) -> StoredUpload:
    """Hashes an uploaded file and moves it into the store; it takes long and belongs outside any unit of work."""
    asset_id = ids.new_id(now)
    with upload.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    size = upload.stat().st_size
    storage().put_file(source_key(asset_id), upload)
    return StoredUpload(asset_id, name, size, sha256)


def register_upload(stored: StoredUpload, *, owner_id: UUID, now: datetime) -> UUID:
    """Makes a stored file an asset and queues its check and encoding. Returns the asset's id."""
    asset_id = stored.asset_id
    with unit_of_work() as session:
        session.add(
            MediaAssetRow(
                id=asset_id,
                owner_id=owner_id,
                state="checking",
                source_name=without_numbers(stored.name)[:200],
                source_bytes=stored.size,
                source_sha256=stored.sha256,
                created_at=now,
            )
        )
        session.flush()
        jobs.enqueue(
            session, queries.PROCESS, {"asset_id": str(asset_id)}, now=now, dedup_key=str(asset_id), max_attempts=4
        )
        audit.record(
            session, action="video.uploaded", object_type="media_asset", object_id=asset_id, actor_id=owner_id, now=now
        )
    return asset_id


def take_captions(asset_id: UUID, content: bytes, *, now: datetime) -> UUID:
    """Stores a caption file (WebVTT or SRT) as WebVTT. Returns its id. Raises NotFound, CaptionError naming the line.

    Captions beyond the end of the video are refused once its length is known.
    """
    with reading() as session:
        duration_ms = queries.asset(session, asset_id).duration_ms
    text = to_webvtt(content, duration_ms=duration_ms)
    caption_id = ids.new_secret_id()
    with unit_of_work() as session:
        session.add(
            CaptionRow(
                id=caption_id,
                asset_id=asset_id,
                language="zh-CN",
                text=text,
                sha256=hashlib.sha256(text.encode()).hexdigest(),
                created_at=now,
            )
        )
        session.flush()
    return caption_id


def process(
    asset_id: UUID, *, max_minutes: int, program: Path, report: Callable[[int], None], clock: Callable[[], datetime]
) -> None:
    """Checks an upload and encodes it; running it again after a kill, or twice at once, makes one package and harms nothing.

    Raises ffmpeg.EncodeFailed when the encoder fails, sandbox.SandboxError when no fence stands; a file that may not enter
    is refused, not an error.
    """
    if not _step(asset_id, state="checking"):
        return
    try:
        _check_and_encode(asset_id, max_minutes=max_minutes, program=program, report=report, clock=clock)
    except (NotFound, FileNotFoundError, ffmpeg.EncodeFailed):
        # Another worker, to which this one lost the job, may have been faster; it took the file away from under this one.
        with reading() as session:
            state = queries.asset(session, asset_id).state
        if state not in FINAL:
            raise


def _check_and_encode(
    asset_id: UUID, *, max_minutes: int, program: Path, report: Callable[[int], None], clock: Callable[[], datetime]
) -> None:
    source = storage().path(source_key(asset_id))
    found = mediaprobe.probe(source, limits=mediaprobe.ProbeLimits(max_duration_ms=max_minutes * 60_000))
    if not found.accepted:
        _refuse(asset_id, found.reason_text or "", now=clock())
        return
    facts = {"duration_ms": found.duration_ms, "width": found.width, "height": found.height}
    if not _step(asset_id, state="encoding", **facts):
        return
    with storage().scratch() as folder:
        out = folder / "package"
        out.mkdir()
        package = ffmpeg.encode_hls(
            source,
            out,
            probe=found,
            on_progress=report,
            program=program,
        )
        bare = _bare_copy(source, folder, found, program)
        if bare is not None:
            storage().put_file(copy_key(asset_id), bare)
        storage().settle(out)
        with unit_of_work() as session:
            # Only now: a kill in between begins anew with the same file, for the times of a copy are not quite the same.
            after_commit(lambda: storage().delete(source_key(asset_id)))
            if queries.asset(session, asset_id, lock=True).state == "ready":
                return  # another worker, to which this one lost the job, was faster: a playable package never changes
            storage().put_tree(package_key(asset_id), out)
            now = clock()
            _set(
                session,
                asset_id,
                state="ready",
                reason=None,
                duration_ms=package.duration_ms,
                segment_count=package.segment_count,
                package_bytes=package.total_bytes,
                package_sha256=package.manifest_sha256,
                ready_at=now,
            )
            asset_ready.send(None, event=AssetChanged(asset_id, "", now))


def _bare_copy(source: Path, folder: Path, found: mediaprobe.Probe, program: Path) -> Path | None:
    """The upload without subtitles and tags, which nobody reviews and which may tell of people; None where that can't be made:
    such an original is not kept."""
    try:
        return ffmpeg.copy_without_texts(source, folder / "bare", program=program, probe=found)
    except ffmpeg.EncodeFailed:
        return None


def _step(asset_id: UUID, **values: object) -> bool:
    """Moves an asset on; false when it is ready or refused already, or was given up. Raises NotFound."""
    with unit_of_work() as session:
        state = queries.asset(session, asset_id, lock=True).state
        goes_on = state not in FINAL and state != "failed"
        if goes_on:
            _set(session, asset_id, **values)
    if state in FINAL:  # a kill may have come between the commit and this
        storage().delete(source_key(asset_id))
    return goes_on


def give_up(asset_id: UUID, *, reason: str = ENCODING_FAILED, now: datetime) -> None:
    """Notes that encoding failed for good: what was handed in with it goes back to its author, who may ask for another try.

    Belongs into the unit of work in which the job fails, so that whoever sees the one sees the other. An asset that is gone
    stays so.
    """
    with unit_of_work() as session:
        try:
            state = queries.asset(session, asset_id, lock=True).state
        except NotFound:
            return
        if state not in FINAL:
            _set(session, asset_id, state="failed", reason=reason)
            asset_refused.send(None, event=AssetChanged(asset_id, reason, now))


def give_up_lost(*, now: datetime) -> int:
    """Gives up what is under way although its job failed: it killed one worker after the other. Returns how many."""
    with reading() as session:
        waiting = {str(asset_id): asset_id for asset_id in queries.unsettled(session)}
        lost = jobs.failed(session, queries.PROCESS, list(waiting))
    for key in lost:
        give_up(waiting[key], now=now)
    return len(lost)


def try_again(asset_id: UUID, *, owner_id: UUID, now: datetime) -> bool:
    """Queues a failed encoding once more; False when it has not failed. Raises NotFound (also for another's)."""
    with unit_of_work() as session:
        asset = queries.asset(session, asset_id, lock=True)
        if not own_among(session, owner_id, [asset.owner_id]):
            raise NotFound
        if asset.state != "failed" or not jobs.again(session, queries.PROCESS, str(asset_id), now=now):
            return False
        _set(session, asset_id, state="queued", reason=None)
        return True


def discard(asset_id: UUID, *, now: datetime) -> None:
    """Removes an asset with its captions and files; the caller has locked it and knows that nobody needs it."""
    with unit_of_work() as session:
        session.execute(delete(CaptionRow).where(CaptionRow.asset_id == asset_id))
        session.execute(delete(MediaAssetRow).where(MediaAssetRow.id == asset_id))
        audit.record(
            session, action="video.discarded", object_type="media_asset", object_id=asset_id, actor_id=None, now=now
        )
        after_commit(lambda: storage().delete_tree(f"uploads/{asset_id}"))
        after_commit(lambda: storage().delete_tree(package_key(asset_id)))


def clear_strays(*, now: datetime) -> int:
    """Removes uploaded files that no row names, a day after they came: a kill came before their commit. Returns how many."""
    with reading() as session:
        known = set(session.scalars(select(MediaAssetRow.id)))
    cleared = 0
    for asset_id in map(UUID, storage().names("uploads")):
        if asset_id not in known and now - ids.moment_of(asset_id) > STRAY_AFTER:
            storage().delete_tree(f"uploads/{asset_id}")
            cleared += 1
    return cleared


def mint_grant(asset_id: UUID, *, mark: str = "", secret: str, seconds: int, now: datetime) -> GrantCookie:
    """A cookie that opens the asset's package and captions for `seconds`; `mark` says what it is played for, if anything."""
    told = f"{asset_id.hex}.{int(now.timestamp())}.{mark}"
    return GrantCookie(GRANT_COOKIE, f"{_signature(told, secret)}.{told}", f"/media/{asset_id}/", seconds)


def check_grant(value: str | None, asset_id: UUID, *, secret: str, seconds: int, now: datetime) -> str:
    """The mark of a grant, "" when it has none. Raises NotFound unless `value` is one for this asset, not older than `seconds`."""
    signature, _, told = (value or "").partition(".")
    granted, _, rest = told.partition(".")
    minted_at, _, mark = rest.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(told, secret).encode()) or granted != asset_id.hex:
        raise NotFound
    if not 0 <= int(now.timestamp()) - int(minted_at) <= seconds:
        raise NotFound
    return mark


def _signature(told: str, secret: str) -> str:
    # hmac.digest would let go of the interpreter, and another thread would take it: dearer than all of this hash.
    return hmac.new(f"media-grant {secret}".encode(), told.encode(), "sha256").hexdigest()


def _refuse(asset_id: UUID, reason: str, *, now: datetime) -> None:
    with unit_of_work() as session:
        if queries.asset(session, asset_id, lock=True).state in FINAL:
            return
        _set(session, asset_id, state="refused", reason=reason)
        asset_refused.send(None, event=AssetChanged(asset_id, reason, now))
        after_commit(lambda: storage().delete(source_key(asset_id)))


def _set(session: Session, asset_id: UUID, **values: object) -> None:
    session.execute(update(MediaAssetRow).where(MediaAssetRow.id == asset_id).values(**values))
