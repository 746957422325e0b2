"""Practice on banks of its own: rounds, the book of wrong answers, mock exams; courses name their practice bank."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse
from lms.infra.types import Instant, Json

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NO_PRACTICE_ITEM = (
    "NOT EXISTS (SELECT 1 FROM item_version v JOIN bank b ON b.code = v.bank_code"
    " WHERE v.id = NEW.item_version_id AND b.kind = 'practice')"
)
HOLDING_ITEMS = ("practice_step", "practised_item", "mock_question")


def _bank_is(kind: str, column: str) -> str:
    return f"NEW.{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bank b WHERE b.code = NEW.{column} AND b.kind = '{kind}')"


def _person() -> sa.Column[sa.Uuid]:
    return sa.Column("person_id", sa.Uuid(), nullable=False)


def upgrade() -> None:
    op.execute(
        "ALTER TABLE course ADD COLUMN practice_bank_code VARCHAR(20)"
        " CONSTRAINT fk_course_practice_bank_code REFERENCES bank (code)"
    )
    for name, column, kind in (
        ("course_exam_bank", "bank_code", "exam"),
        ("course_practice_bank", "practice_bank_code", "practice"),
    ):
        for on in ("INSERT", "UPDATE"):
            refuse(
                "course",
                f"{name}_{on.lower()}",
                on=on,
                when=_bank_is(kind, column),
                message=f"course: that is no bank for {'exams' if kind == 'exam' else kind}",
            )
    op.create_index("ix_item_version_bank_code_ref", "item_version", ["bank_code", "ref"])
    op.create_table(
        "practice_round",
        sa.Column("id", sa.Uuid(), nullable=False),
        _person(),
        sa.Column("course_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=6), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.CheckConstraint("source IN ('course', 'book')", name=op.f("ck_practice_round_source")),
        sa.CheckConstraint("finished_at >= started_at", name=op.f("ck_practice_round_times")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_practice_round_person_id")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_practice_round_course_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_round")),
    )
    op.create_index(
        "uq_practice_round_unfinished",
        "practice_round",
        ["person_id", "course_id", "source"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_index("ix_practice_round_person_id", "practice_round", ["person_id", "started_at"])
    op.create_index("ix_practice_round_started_at", "practice_round", ["started_at"])
    op.create_table(
        "practice_step",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_version_id", sa.Uuid(), nullable=False),
        sa.Column("option_order", Json(), nullable=False),
        sa.Column("given", Json(), nullable=True),
        sa.Column("is_right", sa.Boolean(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.CheckConstraint("position >= 1", name=op.f("ck_practice_step_positive")),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (given IS NULL) AND (answered_at IS NULL) = (is_right IS NULL)",
            name=op.f("ck_practice_step_answer"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["practice_round.id"], name=op.f("fk_practice_step_round_id")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_practice_step_item_version_id")
        ),
        sa.PrimaryKeyConstraint("round_id", "position", name=op.f("pk_practice_step")),
        sa.UniqueConstraint("round_id", "item_version_id", name=op.f("uq_practice_step_round_id_item_version_id")),
    )
    op.create_index("ix_practice_step_item_version_id", "practice_step", ["item_version_id"])
    op.create_table(
        "practised_item",
        _person(),
        sa.Column("bank_code", sa.String(length=20), nullable=False),
        sa.Column("ref", sa.String(length=40), nullable=False),
        sa.Column("item_version_id", sa.Uuid(), nullable=False),
        sa.Column("times_right", sa.Integer(), nullable=False),
        sa.Column("times_wrong", sa.Integer(), nullable=False),
        sa.Column("right_in_row", sa.Integer(), nullable=False),
        sa.Column("in_book", sa.Boolean(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "times_right >= 0 AND times_wrong >= 0 AND right_in_row BETWEEN 0 AND times_right",
            name=op.f("ck_practised_item_counts"),
        ),
        sa.CheckConstraint("NOT in_book OR times_wrong > 0", name=op.f("ck_practised_item_book")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_practised_item_person_id")),
        sa.ForeignKeyConstraint(["bank_code"], ["bank.code"], name=op.f("fk_practised_item_bank_code")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_practised_item_item_version_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "bank_code", "ref", name=op.f("pk_practised_item")),
    )
    op.create_index("ix_practised_item_item_version_id", "practised_item", ["item_version_id"])
    op.create_index("ix_practised_item_last_at", "practised_item", ["last_at"])
    op.create_index(
        "ix_practised_item_book",
        "practised_item",
        ["person_id", "bank_code", "last_at", "ref"],
        sqlite_where=sa.text("in_book"),
        postgresql_where=sa.text("in_book"),
    )
    op.create_table(
        "mock_exam",
        sa.Column("id", sa.Uuid(), nullable=False),
        _person(),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("pass_mark", sa.Integer(), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.Column("partial", sa.String(length=16), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("deadline", Instant(), nullable=False),
        sa.Column("submitted_at", Instant(), nullable=True),
        sa.Column("earned", sa.Integer(), nullable=True),
        sa.CheckConstraint("started_at < deadline", name=op.f("ck_mock_exam_times")),
        sa.CheckConstraint("pass_mark BETWEEN 1 AND maximum", name=op.f("ck_mock_exam_pass_mark")),
        sa.CheckConstraint(
            "partial IN ('all_or_nothing', 'proportional', 'minus_wrong')", name=op.f("ck_mock_exam_partial")
        ),
        sa.CheckConstraint("(submitted_at IS NULL) = (earned IS NULL)", name=op.f("ck_mock_exam_scored")),
        sa.CheckConstraint("earned BETWEEN 0 AND maximum * 100", name=op.f("ck_mock_exam_earned")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mock_exam_person_id")),
        sa.ForeignKeyConstraint(["class_id"], ["training_class.id"], name=op.f("fk_mock_exam_class_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mock_exam")),
    )
    op.create_index(
        "uq_mock_exam_open",
        "mock_exam",
        ["person_id", "class_id"],
        unique=True,
        sqlite_where=sa.text("submitted_at IS NULL"),
        postgresql_where=sa.text("submitted_at IS NULL"),
    )
    op.create_index("ix_mock_exam_person_id", "mock_exam", ["person_id", "class_id", "started_at"])
    op.create_index("ix_mock_exam_class_id", "mock_exam", ["class_id"])
    op.create_index("ix_mock_exam_started_at", "mock_exam", ["started_at"])
    op.create_table(
        "mock_question",
        sa.Column("mock_exam_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_version_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=12), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("option_order", Json(), nullable=False),
        sa.Column("given", Json(), nullable=False),
        sa.CheckConstraint("position >= 1 AND points >= 1", name=op.f("ck_mock_question_positive")),
        sa.ForeignKeyConstraint(["mock_exam_id"], ["mock_exam.id"], name=op.f("fk_mock_question_mock_exam_id")),
        sa.ForeignKeyConstraint(
            ["item_version_id"], ["item_version.id"], name=op.f("fk_mock_question_item_version_id")
        ),
        sa.PrimaryKeyConstraint("mock_exam_id", "position", name=op.f("pk_mock_question")),
        sa.UniqueConstraint(
            "mock_exam_id", "item_version_id", name=op.f("uq_mock_question_mock_exam_id_item_version_id")
        ),
    )
    op.create_index("ix_mock_question_item_version_id", "mock_question", ["item_version_id"])
    for table in HOLDING_ITEMS:
        for on in ("INSERT", "UPDATE"):
            refuse(
                table,
                f"{table}_practice_only_{on.lower()}",
                on=on,
                when=NO_PRACTICE_ITEM,
                message=f"{table}: items of exam banks are not for practice",
            )
    refuse(
        "practice_step",
        "practice_step_answered_once",
        on="UPDATE",
        when=f"OLD.answered_at IS NOT NULL OR {changed('round_id', 'position', 'item_version_id')}",
        message="practice_step: an answer is given once",
    )
    refuse(
        "mock_question",
        "mock_question_handed_in",
        on="UPDATE",
        when="EXISTS (SELECT 1 FROM mock_exam m WHERE m.id = OLD.mock_exam_id AND m.submitted_at IS NOT NULL)",
        message="mock_question: the mock exam was handed in",
    )


def downgrade() -> None:
    allow_again("mock_question", "mock_question_handed_in")
    allow_again("practice_step", "practice_step_answered_once")
    for table in HOLDING_ITEMS:
        for on in ("insert", "update"):
            allow_again(table, f"{table}_practice_only_{on}")
    for table in ("mock_question", "mock_exam", "practised_item", "practice_step", "practice_round"):
        op.drop_table(table)
    op.drop_index("ix_item_version_bank_code_ref", table_name="item_version")
    for name in ("course_exam_bank", "course_practice_bank"):
        for on in ("insert", "update"):
            allow_again("course", f"{name}_{on}")
    op.execute("ALTER TABLE course DROP COLUMN practice_bank_code")
