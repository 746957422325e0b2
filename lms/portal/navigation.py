"""The staff part of the header: what stands there for whom."""

from flask import request, url_for
from flask_babel import lazy_gettext

from lms.access import service as access
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal

STAFF_ITEMS = (
    (Permission.DESK_OPEN, "portal_staff.desk", lazy_gettext("工作台")),
    (Permission.LECTURE_AUTHOR, "catalogue_staff.my_lectures", lazy_gettext("我的课件")),
    (Permission.ITEM_AUTHOR, "questionbank_staff.bank_list", lazy_gettext("题库")),
    (Permission.REVIEW_PROVINCE, "catalogue_staff.review_queue", lazy_gettext("审核")),
    (Permission.REVIEW_NATIONAL, "catalogue_staff.review_queue", lazy_gettext("审核")),
    (Permission.REVIEW_PROVINCE, "questionbank_staff.item_review_queue", lazy_gettext("题目审核")),
    (Permission.REVIEW_NATIONAL, "questionbank_staff.item_review_queue", lazy_gettext("题目审核")),
    (Permission.CONTENT_WITHDRAW, "catalogue_staff.published_list", lazy_gettext("已发布内容")),
    (Permission.WATCH_POLICY_SET, "learning_staff.policy_list", lazy_gettext("学习规则")),
    (Permission.CLASS_READ, "classes_staff.class_list", lazy_gettext("培训班")),
    (Permission.EXAM_MARK, "exams_staff.marking_list", lazy_gettext("阅卷")),
    (Permission.RESULT_READ, "exams_staff.result_list", lazy_gettext("考试成绩")),
    (Permission.RESULT_CHANGE, "exams_staff.regrade_queue", lazy_gettext("成绩更正")),
    (Permission.CLASSROOM_HOLD, "learning_staff.classroom_list", lazy_gettext("分课堂")),
    (Permission.FLAG_DECIDE, "learning_staff.flag_queue", lazy_gettext("异常提示")),
    (Permission.HOURS_READ, "reporting_staff.unit_hours", lazy_gettext("单位学时")),
    (Permission.TRAINING_ENTER, "offline_staff.trainings", lazy_gettext("培训登记")),
    (Permission.TRAINING_APPROVE, "offline_staff.trainings", lazy_gettext("培训登记")),
    (Permission.UNIT_READ, "organisations_staff.units", lazy_gettext("组织机构")),
    (Permission.PERSON_READ, "accounts_staff.people", lazy_gettext("人员")),
    (Permission.ACCOMMODATION_GRANT, "accommodations_staff.queue", lazy_gettext("便利安排")),
    (Permission.PERSON_REVEAL, "accounts_staff.id_numbers_waiting", lazy_gettext("身份证号核验")),
    (Permission.ROLE_READ, "access_staff.role_list", lazy_gettext("角色授权")),
    (Permission.CORRECTION_DECIDE, "accounts_staff.correction_queue", lazy_gettext("更正申请")),
    (Permission.HOURS_ANSWER, "hours_staff.dispute_queue", lazy_gettext("学时异议")),
    (Permission.HOURS_CORRECT, "hours_staff.correction_queue", lazy_gettext("学时更正")),
    (Permission.DISCLOSURE_READ, "accounts_staff.disclosure_list", lazy_gettext("对外提供")),
    (Permission.INCIDENT_READ, "accounts_staff.incident_form", lazy_gettext("安全事件")),
    (Permission.TEACHER_READ, "catalogue_staff.teacher_list", lazy_gettext("师资库")),
    (Permission.AUDIT_READ, "audit_staff.entries", lazy_gettext("审计")),
)


def items(principal: Principal | None) -> list[dict[str, object]]:
    """Entries of {href, label, active}; empty for who holds no staff role."""
    if principal is None:
        return []
    entries: dict[str, str] = {}
    for permission, endpoint, label in STAFF_ITEMS:
        if access.may(principal, permission):
            entries.setdefault(url_for(endpoint), str(label))
    best = max((href for href in entries if request.path.startswith(href.rstrip("/"))), key=len, default="")
    return [{"href": href, "label": label, "active": href == best} for href, label in entries.items()]
