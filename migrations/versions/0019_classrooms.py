"""Branch classrooms (分课堂) and flags on watching that looks odd."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, changed, is_postgresql, no_longer_append_only, refuse
from lms.infra.types import Instant, Json

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

APPEND_ONLY = ("classroom_play", "classroom_photo", "classroom_sheet", "classroom_signature")
RHYTHM = ("beats", "gap_low_ms", "gap_high_ms")
SESSION_FIXED = (
    "host_id", "unit_id", "class_id", "lecture_id", "asset_id", "course_id", "title", "duration_ms", "place", "seats",
    "opened_at",
)  # fmt: skip
ATTENDANCE_FIXED = ("session_id", "person_id", "lease_id", "way", "photo_id", "signed_in_at", "signed_in_by")
CORRECTION_FIXED = ("session_id", "person_id", "kind", "from_at", "until_at", "reason", "proposed_by", "proposed_at")
FLAG_FIXED = ("person_id", "kind", "day", "evidence", "raised_at")
OBJECTION_FIXED = ("flag_id", "text", "filed_at")


def _person(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), sa.ForeignKey("person.id"), nullable=nullable)


def _session() -> sa.Column[object]:
    return sa.Column("session_id", sa.Uuid(), sa.ForeignKey("classroom_session.id"), nullable=False)


def _rooms() -> None:
    op.create_table(
        "classroom_session",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _person("host_id"),
        sa.Column("unit_id", sa.Uuid(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("class_id", sa.Uuid(), sa.ForeignKey("training_class.id"), nullable=True),
        sa.Column("lecture_id", sa.Uuid(), sa.ForeignKey("lecture.id"), nullable=False),
        sa.Column("asset_id", sa.Uuid(), sa.ForeignKey("media_asset.id"), nullable=False),
        sa.Column("course_id", sa.Uuid(), sa.ForeignKey("course.id"), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("screen_id", sa.Uuid(), nullable=True, unique=True),
        sa.Column("screen_opened_at", Instant(), nullable=True),
        sa.Column("last_beat_at", Instant(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("position_ms", sa.Integer(), nullable=False),
        sa.Column("next_check_at", Instant(), nullable=True),
        sa.Column("check_id", sa.Uuid(), nullable=True),
        sa.Column("check_asked_at", Instant(), nullable=True),
        sa.Column("held", Json(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'ended', 'signed')", name=op.f("ck_classroom_session_state")),
        sa.CheckConstraint("(state = 'open') = (ended_at IS NULL)", name=op.f("ck_classroom_session_ended")),
        sa.CheckConstraint("seats BETWEEN 1 AND 500", name=op.f("ck_classroom_session_seats")),
        sa.CheckConstraint("(check_id IS NULL) = (check_asked_at IS NULL)", name=op.f("ck_classroom_session_check")),
    )
    still_open = sa.text("state = 'open'")
    op.create_index(
        "uq_classroom_session_open", "classroom_session", ["host_id"], unique=True,
        sqlite_where=still_open, postgresql_where=still_open,
    )  # fmt: skip
    op.create_index("ix_classroom_session_unit_id_id", "classroom_session", ["unit_id", "id"])
    op.create_index("ix_classroom_session_class_id", "classroom_session", ["class_id"])
    op.create_index("ix_classroom_session_state_last_beat_at", "classroom_session", ["state", "last_beat_at"])
    op.create_index("ix_classroom_session_asset_id", "classroom_session", ["asset_id"])
    op.create_table(
        "classroom_play",
        _session(),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("real_from_ms", sa.Integer(), nullable=False),
        sa.Column("real_to_ms", sa.Integer(), nullable=False),
        sa.Column("media_from_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "no", name=op.f("pk_classroom_play")),
        sa.CheckConstraint("real_from_ms >= 0 AND real_to_ms > real_from_ms", name=op.f("ck_classroom_play_span")),
        sa.CheckConstraint("media_from_ms >= 0", name=op.f("ck_classroom_play_media")),
    )
    op.create_table(
        "classroom_photo",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _session(),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        _person("uploaded_by"),
        sa.Column("uploaded_at", Instant(), nullable=False),
        sa.UniqueConstraint("session_id", "sha256", name=op.f("uq_classroom_photo_session_id_sha256")),
    )


def _people() -> None:
    op.create_table(
        "classroom_attendance",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _session(),
        _person("person_id"),
        sa.Column("lease_id", sa.Uuid(), sa.ForeignKey("watch_lease.id"), nullable=False, unique=True),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("photo_id", sa.Uuid(), sa.ForeignKey("classroom_photo.id"), nullable=True),
        sa.Column("signed_in_at", Instant(), nullable=False),
        _person("signed_in_by"),
        sa.Column("credited_ms", sa.Integer(), nullable=True),
        sa.Column("credited_at", Instant(), nullable=True),
        sa.CheckConstraint("way IN ('list', 'code', 'photo', 'correction')", name=op.f("ck_classroom_attendance_way")),
        sa.CheckConstraint("(way = 'photo') = (photo_id IS NOT NULL)", name=op.f("ck_classroom_attendance_photo")),
        sa.CheckConstraint(
            "(credited_ms IS NULL) = (credited_at IS NULL)", name=op.f("ck_classroom_attendance_credited")
        ),
    )
    op.create_index("ix_classroom_attendance_session_id", "classroom_attendance", ["session_id", "signed_in_at"])
    op.create_index("ix_classroom_attendance_person_id", "classroom_attendance", ["person_id", "signed_in_at"])
    op.create_table(
        "classroom_sheet",
        sa.Column("session_id", sa.Uuid(), sa.ForeignKey("classroom_session.id"), primary_key=True),
        sa.Column("frozen_at", Instant(), nullable=False),
        sa.Column("people", Json(), nullable=False),
        sa.Column("plays", Json(), nullable=False),
        sa.Column("photos", Json(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
    )
    op.create_table(
        "classroom_signature",
        sa.Column("session_id", sa.Uuid(), sa.ForeignKey("classroom_sheet.session_id"), primary_key=True),
        _person("signed_by"),
        sa.Column("headcount", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(length=500), nullable=False),
        sa.Column("sheet_sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.CheckConstraint("headcount >= 0", name=op.f("ck_classroom_signature_headcount")),
    )
    op.create_table(
        "classroom_correction",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _session(),
        _person("person_id"),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("from_at", Instant(), nullable=True),
        sa.Column("until_at", Instant(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        _person("proposed_by"),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        _person("decided_by", nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("comment", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind IN ('add', 'strike')", name=op.f("ck_classroom_correction_kind")),
        sa.CheckConstraint("(kind = 'add') = (from_at IS NOT NULL)", name=op.f("ck_classroom_correction_from")),
        sa.CheckConstraint(
            "(from_at IS NULL) = (until_at IS NULL) AND (from_at IS NULL OR until_at > from_at)",
            name=op.f("ck_classroom_correction_span"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'declined')", name=op.f("ck_classroom_correction_state")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_classroom_correction_decided"),
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_classroom_correction_two_persons")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_classroom_correction_reason")),
    )
    op.create_index("ix_classroom_correction_person_id", "classroom_correction", ["person_id"])
    waiting = sa.text("state = 'proposed'")
    op.create_index(
        "uq_classroom_correction_proposed", "classroom_correction", ["session_id", "person_id"], unique=True,
        sqlite_where=waiting, postgresql_where=waiting,
    )  # fmt: skip


def _flags() -> None:
    for name in RHYTHM:
        op.add_column("watch_lease", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    over = sa.text("ended_at IS NOT NULL")
    op.create_index("ix_watch_lease_ended_at", "watch_lease", ["ended_at"], sqlite_where=over, postgresql_where=over)
    op.create_table(
        "watch_origin",
        sa.Column("lease_id", sa.Uuid(), sa.ForeignKey("watch_lease.id"), primary_key=True),
        _person("person_id"),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("network_mark", sa.String(length=32), nullable=False),
        sa.Column("device_mark", sa.String(length=32), nullable=False),
    )
    op.create_index("ix_watch_origin_person_id_at", "watch_origin", ["person_id", "at"])
    op.create_index("ix_watch_origin_device_mark_at", "watch_origin", ["device_mark", "at"])
    op.create_index("ix_watch_origin_at", "watch_origin", ["at"])
    op.create_table(
        "watch_flag",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _person("person_id"),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("evidence", Json(), nullable=False),
        sa.Column("raised_at", Instant(), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        _person("decided_by", nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.UniqueConstraint("person_id", "kind", "day", name=op.f("uq_watch_flag_person_id_kind_day")),
        sa.CheckConstraint(
            "decision IS NULL OR decision IN ('no_concern', 'talk', 'propose_reversal')",
            name=op.f("ck_watch_flag_decision"),
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL) "
            "AND (decision IS NULL) = (reason = '')",
            name=op.f("ck_watch_flag_decided"),
        ),
        sa.CheckConstraint("decided_by <> person_id", name=op.f("ck_watch_flag_not_oneself")),
    )
    waiting = sa.text("decision IS NULL")
    op.create_index("ix_watch_flag_waiting", "watch_flag", ["id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "watch_objection",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("flag_id", sa.Uuid(), sa.ForeignKey("watch_flag.id"), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=False),
        _person("answered_by", nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.CheckConstraint("text <> ''", name=op.f("ck_watch_objection_text")),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL) AND (answered_at IS NULL) = (answer = '')",
            name=op.f("ck_watch_objection_answered"),
        ),
    )
    unanswered = sa.text("answered_at IS NULL")
    op.create_index(
        "uq_watch_objection_waiting", "watch_objection", ["flag_id"], unique=True,
        sqlite_where=unanswered, postgresql_where=unanswered,
    )  # fmt: skip
    op.create_index("ix_watch_objection_flag_id", "watch_objection", ["flag_id", "filed_at"])
    op.create_table(
        "watch_cursor",
        sa.Column("name", sa.String(length=20), primary_key=True),
        sa.Column("at", Instant(), nullable=False),
    )


def _rules() -> None:
    for table in APPEND_ONLY:
        append_only(table)
    refuse("watch_origin", "watch_origin_no_update", on="UPDATE", message="watch_origin is append-only")
    refuse(
        "classroom_session", "classroom_session_fixed", on="UPDATE",
        when=f"{changed(*SESSION_FIXED)} OR (OLD.state = 'ended' AND NEW.state = 'open') "
        "OR (OLD.state = 'signed' AND NEW.state <> 'signed') OR (OLD.state = 'open' AND NEW.state = 'signed')",
        message="a classroom goes from open to ended to signed, and is what it was opened as",
    )  # fmt: skip
    over = "(SELECT state FROM classroom_session WHERE id = NEW.session_id) <> 'open'"
    refuse(
        "classroom_attendance", "classroom_attendance_insert", on="INSERT", when=f"NEW.way <> 'correction' AND {over}",
        message="nobody signs in to a classroom that is over",
    )  # fmt: skip
    refuse(
        "classroom_attendance", "classroom_attendance_fixed", on="UPDATE",
        when=f"{changed(*ATTENDANCE_FIXED)} OR OLD.credited_at IS NOT NULL",
        message="an attendance is credited once and else never changed",
    )  # fmt: skip
    refuse("classroom_attendance", "classroom_attendance_kept", on="DELETE", message="attendances are kept")
    refuse(
        "classroom_play",
        "classroom_play_insert",
        on="INSERT",
        when=over,
        message="a classroom that is over plays nothing",
    )
    refuse("classroom_photo", "classroom_photo_insert", on="INSERT", when=over, message="photos belong to the session")
    refuse(
        "classroom_correction", "classroom_correction_fixed", on="UPDATE",
        when=f"{changed(*CORRECTION_FIXED)} OR OLD.state <> 'proposed'",
        message="a correction is decided once",
    )  # fmt: skip
    refuse("classroom_correction", "classroom_correction_kept", on="DELETE", message="corrections are kept")
    refuse(
        "watch_flag", "watch_flag_fixed", on="UPDATE", when=f"{changed(*FLAG_FIXED)} OR OLD.decision IS NOT NULL",
        message="a flag is decided once",
    )  # fmt: skip
    refuse(
        "watch_objection", "watch_objection_fixed", on="UPDATE",
        when=f"{changed(*OBJECTION_FIXED)} OR OLD.answered_at IS NOT NULL",
        message="an objection is answered once",
    )  # fmt: skip
    message = "a room plays one thing at a time"
    if is_postgresql():
        op.execute(
            "ALTER TABLE classroom_play ADD CONSTRAINT ex_classroom_play_overlap "
            "EXCLUDE USING gist (session_id WITH =, int4range(real_from_ms, real_to_ms) WITH &&)"
        )
    else:
        refuse(
            "classroom_play", "classroom_play_overlap", on="INSERT",
            when="EXISTS (SELECT 1 FROM classroom_play AS other WHERE other.session_id = NEW.session_id "
            "AND other.real_from_ms < NEW.real_to_ms AND other.real_to_ms > NEW.real_from_ms)",
            message=message,
        )  # fmt: skip


def upgrade() -> None:
    _rooms()
    _people()
    _flags()
    _rules()


def downgrade() -> None:
    if not is_postgresql():
        allow_again("classroom_play", "classroom_play_overlap")
    for table, name in (
        ("watch_objection", "watch_objection_fixed"),
        ("watch_flag", "watch_flag_fixed"),
        ("classroom_correction", "classroom_correction_kept"),
        ("classroom_correction", "classroom_correction_fixed"),
        ("classroom_photo", "classroom_photo_insert"),
        ("classroom_play", "classroom_play_insert"),
        ("classroom_attendance", "classroom_attendance_kept"),
        ("classroom_attendance", "classroom_attendance_fixed"),
        ("classroom_attendance", "classroom_attendance_insert"),
        ("classroom_session", "classroom_session_fixed"),
        ("watch_origin", "watch_origin_no_update"),
    ):
        allow_again(table, name)
    for table in reversed(APPEND_ONLY):
        no_longer_append_only(table)
    for table in (
        "watch_cursor", "watch_objection", "watch_flag", "watch_origin", "classroom_correction", "classroom_signature",
        "classroom_sheet", "classroom_attendance", "classroom_photo", "classroom_play", "classroom_session",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_index("ix_watch_lease_ended_at", "watch_lease")
    for name in reversed(RHYTHM):
        op.drop_column("watch_lease", name)
