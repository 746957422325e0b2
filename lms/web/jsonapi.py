"""JSON endpoints: the body is decoded into a typed Struct, the answer encoded from one, both described by OpenAPI."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Generic, TypeVar

import msgspec
from flask import Flask, Response, request

from lms.kernel.errors import N_, Forbidden, Invalid
from lms.kernel.numbers import without_numbers
from lms.web import guards

Answer = TypeVar("Answer")
SPEC = "lms_endpoint"
MALFORMED = N_("请求内容不是有效的 JSON")
CROSS_SITE = N_("请求来自其他网站")


class NotJson(Invalid):
    """The body is not JSON at all."""

    code, status, title = "not_json", 415, N_("请求内容须为 JSON")


@dataclass(frozen=True)
class Reply(Generic[Answer]):
    """An answer with a status or cookies of its own."""

    answer: Answer
    status: int | None = None
    cookies: tuple[Callable[[Response], None], ...] = field(default=())


@dataclass(frozen=True)
class Spec:
    """What OpenAPI tells of an endpoint."""

    body: Any
    answer: Any
    status: int
    summary: str
    csrf_exempt: bool


def endpoint(
    *, answer: Any, body: Any = None, status: int = 200, csrf_exempt: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decodes the body into `body`, calls the view with it first, encodes what it returns.

    `csrf_exempt`: the view checks the caller in another way (see `same_origin`); app.py tells Flask-WTF.
    """
    decoder = msgspec.json.Decoder(body) if body is not None else None
    encoder = msgspec.json.Encoder()

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def handle(*args: Any, **kwargs: Any) -> Response:
            if decoder is not None:
                if not request.is_json:
                    raise NotJson
                try:
                    args = (decoder.decode(request.get_data()), *args)
                except msgspec.ValidationError as error:
                    message, _, path = str(error).partition(" - at `")
                    raise Invalid(fields={path.rstrip("`") or "$": without_numbers(message)}) from error
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                    raise Invalid(N_("请求内容不是有效的 JSON"), fields={"$": "malformed JSON"}) from error
            result = view(*args, **kwargs)
            reply = result if isinstance(result, Reply) else Reply(result)
            content = b"" if reply.answer is None else encoder.encode(reply.answer)
            response = Response(content, reply.status or (status if content else 204), mimetype="application/json")
            response.headers["Cache-Control"] = "no-store"
            for set_cookie in reply.cookies:
                set_cookie(response)
            return response

        summary = (view.__doc__ or view.__name__).strip().splitlines()[0]
        setattr(handle, SPEC, Spec(body, answer, status, summary, csrf_exempt))
        return handle

    return decorate


def spec_of(view: Any) -> Spec | None:
    """The description that `endpoint` left on a view, also through a guard's wrapper."""
    while view is not None:
        found = view.__dict__.get(SPEC)
        if isinstance(found, Spec):
            return found
        view = getattr(view, "__wrapped__", None)
    return None


def same_origin() -> None:
    """Refuses what a browser sends from another site; stands for the CSRF token where a beacon can't carry one."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise Forbidden(CROSS_SITE)
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin.rstrip("/") != request.host_url.rstrip("/"):
        raise Forbidden(CROSS_SITE)


_PATH_TYPES = {"uuid": {"type": "string", "format": "uuid"}, "int": {"type": "integer"}}


def openapi(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of every endpoint under /api/."""
    endpoints = [
        (rule, spec, guards.guard_of(view))
        for rule in app.url_map.iter_rules()
        if (view := app.view_functions[rule.endpoint]) and (spec := spec_of(view))
    ]
    types = [kind for _, spec, _ in endpoints for kind in (spec.body, spec.answer) if kind is not None]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    by_type = dict(zip(map(str, types), schemas, strict=True))
    components["Problem"] = {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string"},
            "errors": {"type": "object", "additionalProperties": {"type": "string"}},
            "request_id": {"type": "string"},
        },
    }
    paths: dict[str, dict[str, Any]] = {}
    for rule, spec, guard in sorted(endpoints, key=lambda entry: entry[0].rule):
        path = rule.rule
        parameters = []
        for name in sorted(rule.arguments):
            kind = next((part.split(":")[0] for part in _placeholders(rule.rule) if part.split(":")[-1] == name), "")
            path = path.replace(f"<{kind}:{name}>", f"{{{name}}}").replace(f"<{name}>", f"{{{name}}}")
            schema = _PATH_TYPES.get(kind.partition("(")[0], {"type": "string"})
            parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            operation: dict[str, Any] = {
                "operationId": rule.endpoint.replace(".", "_"),
                "summary": spec.summary,
                "parameters": parameters,
                "responses": {
                    str(spec.status if spec.answer is not None else 204): _content(by_type.get(str(spec.answer))),
                    "default": {
                        "description": "Problem details (RFC 9457)",
                        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                    },
                },
                "security": _security(guard, writes=method != "GET" and not spec.csrf_exempt),
            }
            if spec.body is not None:
                operation["requestBody"] = {"required": True, **_content(by_type[str(spec.body)])}
            paths.setdefault(path, {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "工会干部网络培训平台", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
            },
        },
    }


def _security(guard: str | None, *, writes: bool) -> list[dict[str, list[str]]]:
    """What a call must bring: the session's cookie, and the token of the session for writes."""
    if guard == "public":
        return []
    return [{"session": [], "csrf": []}] if writes else [{"session": []}]


def _placeholders(rule: str) -> list[str]:
    return [part.split(">")[0] for part in rule.split("<")[1:]]


def _content(schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None:
        return {"description": "No content"}
    return {"description": "OK", "content": {"application/json": {"schema": schema}}}
