"""Health, readiness and the OpenAPI document."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, json
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from lms.infra import jobs
from lms.infra.db import reading
from lms.infra.storage import storage
from lms.kernel import clock
from lms.web import guards, jsonapi

bp = Blueprint("portal_api", __name__)

WORKER_SILENT_AFTER = timedelta(seconds=30)


@bp.get("/healthz")
@guards.public
def healthz() -> Response:
    """The process is alive."""
    return Response('{"status": "alive"}', mimetype="application/json")


@bp.get("/readyz")
@guards.public
def readyz() -> Response:
    """Database, storage and worker each answer."""
    parts = {"database": False, "storage": False, "worker": False}
    try:
        with reading() as session:
            session.execute(text("SELECT 1"))
            parts["database"] = True
            beat_at = jobs.last_beat(session)
        parts["worker"] = beat_at is not None and clock.now() - beat_at < WORKER_SILENT_AFTER
    except SQLAlchemyError:
        parts["database"] = False
    try:
        with storage().scratch() as folder:
            (folder / "probe").write_bytes(b"x")
        parts["storage"] = True
    except OSError:
        parts["storage"] = False
    ready = all(parts.values())
    body = {"status": "ready" if ready else "not ready", **parts}
    return Response(json.dumps(body), status=200 if ready else 503, mimetype="application/json")


@bp.get("/api/v1/openapi.json")
@guards.public
def openapi() -> Response:
    """The OpenAPI document of this platform."""
    body = json.dumps(jsonapi.openapi(current_app), ensure_ascii=False)
    return Response(body, mimetype="application/json")
