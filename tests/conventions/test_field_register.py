"""Every column that may tell of people has a row in the register of personal fields, and the notice keeps step with it."""

from flask import Flask

from lms.accounts.domain import fieldregister, notice
from lms.accounts.domain.personalfields import REGISTER
from lms.infra.db import db

DIGESTS = {"2026.1": "e9665885a17bc592", "2026.2": "07fc72bd10752ec5", "2026.3": "cb1d1cc3a0a93bbf"}
"""What the register promised in each version of the privacy notice. A change of purpose, kind, basis or retention needs a
new version, so that people are asked again (PIPL 14)."""
NOT_PERSONAL = {
    "person": {"id", "created_at"},
    "account": {"id", "person_id", "created_at"},
    "membership": {"id"},
    "password_history": {"id", "account_id"},
    "recovery_code": {"id", "account_id"},
    "sign_in_code": {"id", "account_id"},
    "auth_session": {"id", "account_id"},
    "consent": {"id"},
    "correction": {"id", "unit_id"},
    "disclosure": {"id", "unit_id"},
    "reveal": {"id", "unit_id"},
    "unit_request": {"id", "parent_id", "state", "unit_id", "asked_at", "decided_at"},
    "unit_change": {"id", "unit_id", "at", "effective_on", "action", "before", "after", "reason"},
    "unit_import": {"id", "unit_id", "file_name", "sha256", "rows", "state", "read_at", "applied_at"},
    "item_import": {"id", "bank_code", "file_name", "format", "items", "faults", "state", "read_at", "stored_at"},
    "item_version": {
        "id", "bank_code", "revision_id", "position", "ref", "type", "stem", "options", "answer", "explanation", "sources",
        "knowledge_point", "difficulty", "is_case", "void_rule", "content", "state", "created_at", "item_id", "version_no",
        "valid_until", "round", "compared",
    },
    "item_picture": {"version_id", "digest", "content"},
    "item_event": {
        "id", "item_id", "version_id", "action", "level", "round", "content_hash", "comment", "at",
    },
    "item_flag": {"id", "bank_code", "item_id", "reason", "flagged_at", "settled_at"},
    "item_twin": {"version_id", "other_id", "bank_code", "likeness"},
    "course": {"id", "title", "bank_code", "practice_bank_code", "demo", "created_at"},
    "revision": {"id", "kind", "subject_id", "title", "unit_path", "state", "created_at", "changed_at"},
    "revision_event": {"id", "revision_id", "old", "new", "comment", "at"},
    "submission": {"id", "revision_id", "round", "content_hash", "submitted_at"},
    "exam_rules": {
        "exam_id", "version", "sections", "minutes", "pass_mark", "max_attempts", "grace_seconds", "review", "created_at",
        "limits", "opens_at", "closes_at", "late_entry_minutes", "wait_minutes", "counts", "partial",
        "shuffle_items", "shuffle_options", "review_from",
    },
    "exam_rules_draft": {"id", "class_id", "state", "title", "sections", "settings", "reason", "comment", "version"},
    "hours_rule": {"id", "course_id", "version", "kind", "parameters", "revision_id", "decided_at"},
    "watch_policy": {
        "id", "course_id", "version", "threshold_percent", "max_rate_percent", "seek_courtesy", "pause_when_hidden",
        "presence", "presence_from_minutes", "presence_to_minutes", "presence_seconds", "presence_kind", "reason",
        "decided_at",
    },
    "classroom_session": {
        "id", "unit_id", "class_id", "lecture_id", "asset_id", "course_id", "title", "duration_ms", "seats", "state",
        "opened_at", "ended_at", "screen_id", "screen_opened_at", "last_beat_at", "last_seq", "position_ms",
        "next_check_at", "check_id", "check_asked_at", "held",
    },
    "hours_target_set": {"id", "version", "title", "first_year", "last_year", "parameters", "decided_at"},
    "teacher": {"id"},
    "media_asset": {
        "id", "state", "reason", "source_name", "source_bytes", "source_sha256", "duration_ms", "width", "height",
        "segment_count", "package_bytes", "package_sha256", "created_at", "ready_at",
    },
}  # fmt: skip
"""Columns of tables about people that tell nothing of them: ids that only link, and facts about things."""
TABLES_WITHOUT_PEOPLE = {
    "bank", "caption", "certificate_counter", "class_course", "classroom_play", "drawn_paper", "exam", "exam_figures", "exam_item_figure",
    "exam_unit_figure", "integrity_mark",
    "item_piece", "item_signal", "job", "knowledge_point", "lecture", "lecture_version", "role_delegation", "role_place", "seal",
    "training_class", "unit",
    "unit_hours", "unit_standing", "unit_term", "watch_cursor", "worker",
}  # fmt: skip


def registered() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in REGISTER:
        for column in one.columns:
            table, _, name = column.partition(".")
            found.setdefault(table, set()).add(name)
    return found


def test_every_column_is_registered_or_known_to_tell_nothing(app: Flask) -> None:
    rows = registered()
    missing = [
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        if table.name not in TABLES_WITHOUT_PEOPLE and "*" not in rows.get(table.name, set())
        for column in table.columns
        if column.name not in rows.get(table.name, set()) | NOT_PERSONAL.get(table.name, set())
    ]
    assert not missing, "a row in lms/accounts/domain/personalfields.py, or a reason why they tell nothing of people"


def test_the_register_names_columns_that_exist(app: Flask) -> None:
    tables = {table.name: {column.name for column in table.columns} for table in db.metadata.sorted_tables}
    wrong = [
        f"{table}.{name}"
        for table, names in registered().items()
        for name in names
        if table not in tables or (name != "*" and name not in tables[table])
    ]
    assert not wrong


def test_tables_without_people_point_to_none(app: Flask) -> None:
    pointing = [
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        if table.name in TABLES_WITHOUT_PEOPLE
        for column in table.columns
        if any(key.column.table.name in {"person", "account"} for key in column.foreign_keys)
    ]
    assert not pointing


def test_the_notice_keeps_step_with_the_register() -> None:
    assert fieldregister.digest() == DIGESTS[notice.CURRENT_VERSION], "a new version of the privacy notice is due"


def test_every_version_of_every_text_can_be_read_in_both_languages() -> None:
    for kind, versions in notice.KNOWN.items():
        assert notice.CURRENT[kind] in versions
        for version in versions:
            for language in notice.LANGUAGES:
                text = notice.notice(kind, version, language, operator="某总工会", contact="010-12345678")
                assert text.sections and "{" not in repr(text)
