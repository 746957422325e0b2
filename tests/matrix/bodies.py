"""What a request carries, so that only the permission decides: plausible fields, and which thing a variable stands for."""

from typing import Any

FIXED: dict[str, object] = {"position": 1, "number": 1, "name": "master.m3u8"}
"""Variables that name no thing of somebody's."""

THINGS = {
    ("/staff/lectures", "revision_id"): "draft_id",
    ("/staff/reviews", "revision_id"): "submitted_id",
    ("/attempts/<uuid:attempt_id>/result", "attempt_id"): "graded_id",
    ("/lectures", "lecture_id"): "shown_lecture_id",
    ("/staff/lectures", "lecture_id"): "shown_lecture_id",
    ("/api/v1/lectures", "lecture_id"): "shown_lecture_id",
    ("/staff/hours/corrections", "correction_id"): "hours_correction_id",
    ("/media", "caption_id"): "asset_id",
    ("/staff/joint-help", "request_id"): "help_id",
    ("/staff/more-time", "request_id"): "more_time_id",
    ("/staff/exam-drafts", "draft_id"): "exam_draft_id",
    ("/staff/sitting-requests", "request_id"): "sitting_request_id",
}
"""Where a variable's own name does not say whose thing it is: the beginning of the address and the variable."""

FIELDS: dict[str, Any] = {
    "reason": "矩阵测试理由",
    "comment": "矩阵测试意见",
    "outcome": "declined",
    "about": "矩阵测试课程",
    "purpose": "矩阵测试用途",
    "name": "矩阵测试单位",
    "kind": "unit",
    "role": "uploader",
    "help": "sign_in_code",
    "from_on": "2026-01-01",
    "minutes": "5",
    "decision": "return",
    "level": "province",
    "content_hash": "0" * 64,
    "epoch": "1",
    "approve": "1",
    "format": "csv",
    "sure": "1",
    "receiver": "矩阵测试接收单位",
    "until_on": "2026-12-31",
    "answer": "A",
    "source": "course",
    "ref": "matrix",
    "position": "1",
    "answer-1": "o1",
    "locale": "zh",
    "next": "/",
    "place": "矩阵测试地点",
    "code": "000000",
    "headcount": "1",
    "statement": "矩阵测试情况",
    "sheet_sha256": "0" * 64,
    "text": "矩阵测试说明",
    "password": "matrix-Password-2026-x",
    "username": "matrix-nobody",
    "exam_factor": "1.50",
    "basis": "document",
}
OTHERWISE: dict[str, dict[str, Any]] = {
    "/staff/people/export": {"kind": "csv"},
    "/staff/hours/export": {"kind": "csv"},
    "/staff/banks/<string(maxlength=36):bank_code>/export": {"format": "moodle-xml"},  # it carries pictures
}
"""Where a field of a form means another thing than in most."""

JSON: dict[str, Any] = {
    "/api/v1/attempts/<uuid:attempt_id>/answers/<int(max=9999):position>": {
        "epoch": 1,
        "client_seq": 9,
        "value": ["o1"],
    },
    "/api/v1/attempts/<uuid:attempt_id>/heartbeats": {"epoch": 1},
    "/api/v1/leases": {"lecture_id": "00000000-0000-7000-8000-00000000abcd"},
    "/api/v1/leases/<uuid:lease_id>/presence": {"id": "00000000-0000-7000-8000-00000000abcd"},
    "/api/v1/leases/<uuid:lease_id>/beats": {"seq": 1, "segments": [], "position_ms": 0, "rate": 1.0, "visible": True},
    "/api/v1/screens/<uuid:screen_id>/reports": {"seq": 1, "segments": [], "position_ms": 0},
    "/api/v1/screens/<uuid:screen_id>/presence": {"id": "00000000-0000-7000-8000-00000000abcd"},
    "/api/v1/session": {"username": "matrix-nobody", "password": "matrix-Password-2026-x"},
}


def thing(rule: str, variable: str) -> str | None:
    """The name of the thing that a variable of an address stands for; None when it is nobody's."""
    for (beginning, name), stands_for in THINGS.items():
        if name == variable and rule.startswith(beginning):
            return stands_for
    return None if variable in FIXED else variable


def request(rule: str, method: str) -> dict[str, Any]:
    """The body of a request; that of a write only holds something."""
    if method == "GET" or (rule.startswith("/api/") and method == "DELETE"):
        return {}
    if rule.startswith("/api/"):
        return {"json": JSON.get(rule, {})}
    return {"data": FIELDS | OTHERWISE.get(rule, {})}
