"""The ledger, its rules, and what is decided, disputed and recorded about it."""

from lms.hours.models.corrections import CorrectionRow
from lms.hours.models.deferred import DeferredHoursRow
from lms.hours.models.disputes import DisputeRow, DisputeWordRow
from lms.hours.models.ledger import CreditEntryRow, HoursRuleRow
from lms.hours.models.targets import HoursTargetSetRow
from lms.hours.models.years import YearRecordRow

__all__ = [
    "CorrectionRow",
    "CreditEntryRow",
    "DeferredHoursRow",
    "DisputeRow",
    "DisputeWordRow",
    "HoursRuleRow",
    "HoursTargetSetRow",
    "YearRecordRow",
]
