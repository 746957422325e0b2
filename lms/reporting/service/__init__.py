"""Writes figures over units: counts what is due, counts all of it again, proves it, and reminds people."""

from lms.reporting.service.counting import YEAR_JOB, count_all, count_due, open_year, queue_year, recount
from lms.reporting.service.reconciling import Difference, reconcile, reconcile_and_record
from lms.reporting.service.reminding import ORDER_JOB, STAGE_JOB, order, queue_stage, remind, remind_stage

__all__ = [
    "ORDER_JOB",
    "STAGE_JOB",
    "YEAR_JOB",
    "Difference",
    "count_all",
    "count_due",
    "open_year",
    "order",
    "queue_stage",
    "queue_year",
    "reconcile",
    "reconcile_and_record",
    "recount",
    "remind",
    "remind_stage",
]
