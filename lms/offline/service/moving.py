"""Follows the tree of unions, so that access goes by today's."""

from collections.abc import Sequence

from sqlalchemy import update

from lms.infra.db import unit_of_work
from lms.infra.subtrees import moved, within
from lms.offline.models import OutsideTrainingRow


def follow_moves(moves: Sequence[tuple[str, str]]) -> None:
    """Gives trainings of units that moved the new paths of their units."""
    with unit_of_work() as session:
        session.execute(
            update(OutsideTrainingRow)
            .where(within(OutsideTrainingRow.unit_path, [old for old, _new in moves]))
            .values(unit_path=moved(OutsideTrainingRow.unit_path, moves))
            .execution_options(synchronize_session=False)
        )
