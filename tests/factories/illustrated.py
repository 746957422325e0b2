"""Published items with pictures, as they stand in banks, and an exam whose papers hold them."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from lms.exams.models import ExamRulesRow
from lms.infra.db import unit_of_work
from lms.kernel import ids
from lms.questionbank.domain.conversion import to_columns
from lms.questionbank.domain.exchange import Choice, ExchangeItem, Kind, Picture
from lms.questionbank.domain.exchangedata import to_data
from lms.questionbank.models import ItemPictureRow, ItemVersionRow
from tests.factories.exams import CANARY, NOW, Hall, make_hall
from tests.factories.pictures import GIF, png

STEM_PICTURE = Picture("流程图-答案是乙.png", png(7, width=40, height=30))
OPTION_PICTURE = Picture("b.gif", GIF)
WHY_PICTURE = Picture("c.png", png(200))  # of the explanation only
CHOICE = ExchangeItem(
    Kind.SINGLE,
    f"看图 ![筹备的步骤](流程图-答案是乙.png)，费率 $\\frac{{2}}{{100}}$：\n项目 | 金额\n---|---\n会费 | {'9' * 30}",
    choices=(
        Choice("**甲** $x<y$", Decimal(0)),
        Choice("![乙的图](b.gif)", Decimal(100)),
    ),
    feedback=f"解析{CANARY}：![筹备的步骤](流程图-答案是乙.png) ![为什么是乙](c.png)",
    pictures=(WHY_PICTURE, STEM_PICTURE, OPTION_PICTURE),
)
ESSAY = ExchangeItem(
    Kind.SHORT_ANSWER,
    "按图说明 ![筹备的步骤](流程图-答案是乙.png)",
    reference=f"参考{CANARY} $\\frac{{1}}{{2}}$",
    pictures=(STEM_PICTURE,),
)


@dataclass(frozen=True)
class Illustrated:
    """A hall whose exam asks CHOICE, then ESSAY; their versions."""

    hall: Hall
    choice_id: UUID
    essay_id: UUID


def add_item(bank: str, item: ExchangeItem, ref: str, *, now: datetime = NOW) -> UUID:
    """A published item of a bank that has items already. Returns the id of its version."""
    columns = to_columns(item)
    with unit_of_work() as session:
        known = session.query(ItemVersionRow).filter_by(bank_code=bank).first()
        assert known
        version_id = ids.new_id(now)
        row = ItemVersionRow(
            id=version_id,
            bank_code=bank,
            revision_id=known.revision_id,
            position=int(version_id.int % 1_000_000) + 10_000,
            ref=ref,
            type=columns.type,
            stem=columns.stem,
            options=[[option.key, option.text] for option in columns.options],
            answer=list(columns.answer),
            explanation=columns.explanation,
            sources=[],
            knowledge_point="图",
            difficulty=2,
            is_case=False,
            void_rule="",
            content=to_data(item, bytes_elsewhere=True),
            state="draft",
            created_at=now,
        )
        session.add(row)
        session.flush()
        for one in item.pictures:
            session.add(ItemPictureRow(version_id=version_id, digest=one.digest, content=one.data))
        session.flush()
        row.state = "published"
    return version_id


def make_illustrated(*, now: datetime = NOW) -> Illustrated:
    """A hall with both items, and rules that ask them."""
    hall = make_hall(courses=1, now=now)
    choice_id, essay_id = add_item("C1", CHOICE, "C1-pic", now=now), add_item("C1", ESSAY, "C1-essay", now=now)
    sections = [
        {"type": kind, "count": 1, "points": 50, "banks": ["C1"], "fixed": [version_id.hex]}
        for kind, version_id in (("single", choice_id), ("short_answer", essay_id))
    ]
    with unit_of_work() as session:
        session.add(
            ExamRulesRow(
                exam_id=hall.exam_id,
                version=2,
                sections=sections,
                minutes=60,
                pass_mark=20,
                max_attempts=3,
                grace_seconds=3,
                review="full",
                created_at=now,
            )
        )
    return Illustrated(hall, choice_id, essay_id)
