"""The staff part of the header: what stands there for whom."""

from functools import lru_cache

from flask import request, url_for

from lms.access import service as access
from lms.kernel.errors import N_
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.web import locale

STAFF_ITEMS = (
    (Permission.DESK_OPEN, "portal_staff.desk", N_("工作台")),
    (Permission.LECTURE_AUTHOR, "catalogue_staff.my_lectures", N_("我的课件")),
    (Permission.ITEM_AUTHOR, "questionbank_staff.bank_list", N_("题库")),
    (Permission.REVIEW_PROVINCE, "catalogue_staff.review_queue", N_("审核")),
    (Permission.REVIEW_NATIONAL, "catalogue_staff.review_queue", N_("审核")),
    (Permission.REVIEW_PROVINCE, "questionbank_staff.item_review_queue", N_("题目审核")),
    (Permission.REVIEW_NATIONAL, "questionbank_staff.item_review_queue", N_("题目审核")),
    (Permission.CONTENT_WITHDRAW, "catalogue_staff.published_list", N_("已发布内容")),
    (Permission.WATCH_POLICY_SET, "learning_staff.policy_list", N_("学习规则")),
    (Permission.CLASS_READ, "classes_staff.class_list", N_("培训班")),
    (Permission.EXAM_MARK, "exams_staff.marking_list", N_("阅卷")),
    (Permission.RESULT_READ, "exams_staff.result_list", N_("考试成绩")),
    (Permission.RESULT_CHANGE, "exams_staff.regrade_queue", N_("成绩更正")),
    (Permission.CLASSROOM_HOLD, "learning_staff.classroom_list", N_("分课堂")),
    (Permission.FLAG_DECIDE, "learning_staff.flag_queue", N_("异常提示")),
    (Permission.HOURS_READ, "reporting_staff.unit_hours", N_("单位学时")),
    (Permission.TRAINING_ENTER, "offline_staff.trainings", N_("培训登记")),
    (Permission.TRAINING_APPROVE, "offline_staff.trainings", N_("培训登记")),
    (Permission.UNIT_READ, "organisations_staff.units", N_("组织机构")),
    (Permission.PERSON_READ, "accounts_staff.people", N_("人员")),
    (Permission.ACCOMMODATION_GRANT, "accommodations_staff.queue", N_("便利安排")),
    (Permission.PERSON_REVEAL, "accounts_staff.id_numbers_waiting", N_("身份证号核验")),
    (Permission.ROLE_READ, "access_staff.role_list", N_("角色授权")),
    (Permission.CORRECTION_DECIDE, "accounts_staff.correction_queue", N_("更正申请")),
    (Permission.HOURS_ANSWER, "hours_staff.dispute_queue", N_("学时异议")),
    (Permission.HOURS_CORRECT, "hours_staff.correction_queue", N_("学时更正")),
    (Permission.DISCLOSURE_READ, "accounts_staff.disclosure_list", N_("对外提供")),
    (Permission.INCIDENT_READ, "accounts_staff.incident_form", N_("安全事件")),
    (Permission.TEACHER_READ, "catalogue_staff.teacher_list", N_("师资库")),
    (Permission.AUDIT_READ, "audit_staff.entries", N_("审计")),
)


def items(principal: Principal | None) -> list[dict[str, object]]:
    """Entries of {href, label, active}; empty for who holds no staff role."""
    if principal is None:
        return []
    entries = _opened(principal.roles, request.script_root)
    best = max((href for href, _ in entries if request.path.startswith(href.rstrip("/"))), key=len, default="")
    return [{"href": href, "label": locale.text(label), "active": href == best} for href, label in entries]


@lru_cache(256)
def _opened(roles: frozenset[str], _root: str) -> tuple[tuple[str, str], ...]:
    """Address and label of what some roles open, each once, where the platform has its root: every page asks."""
    allowed = access.permissions_of(roles)
    return tuple(
        {url_for(endpoint): label for permission, endpoint, label in STAFF_ITEMS if permission in allowed}.items()
    )
