"""The OpenAPI document describes every JSON address, and answers are what it says."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.factories.accounts import PASSWORD, Account, SignIn

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
CONTRACT = [
    ("post", "/api/v1/session"),
    ("delete", "/api/v1/session"),
    ("get", "/api/v1/me/hours"),
    ("get", "/api/v1/lectures/{}/progress"),
    ("post", "/api/v1/leases"),
    ("post", "/api/v1/leases/{}/beats"),
    ("post", "/api/v1/leases/{}/presence"),
    ("post", "/api/v1/exams/{}/attempts"),
    ("get", "/api/v1/attempts/{}"),
    ("put", "/api/v1/attempts/{}/answers/{}"),
    ("post", "/api/v1/attempts/{}/submission"),
    ("get", "/api/v1/me/certificates"),
]


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return answer.json


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        assert set(item) <= METHODS, path
        for method, operation in item.items():
            yield method, path, operation


def schemas(node: Any) -> Iterator[Any]:
    """Every schema object of the document."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "schema":
                yield value
            elif key == "schemas":
                yield from value.values()
            yield from schemas(value)
    elif isinstance(node, list):
        for value in node:
            yield from schemas(value)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_frame_is_that_of_openapi_3_1(document: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d+", document["openapi"])
    assert set(document) <= {
        "openapi",
        "info",
        "paths",
        "components",
        "servers",
        "tags",
        "security",
        "jsonSchemaDialect",
    }
    assert document["info"]["title"] and document["info"]["version"]
    assert set(document["components"]) <= {"schemas", "securitySchemes"}
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in document["components"]["schemas"])
    schemes = document["components"]["securitySchemes"]
    assert {scheme["type"] for scheme in schemes.values()} == {"apiKey"}
    assert ("cookie", "session") in {(scheme["in"], scheme["name"]) for scheme in schemes.values()}


def test_every_operation_is_whole(document: dict[str, Any]) -> None:
    seen = set()
    for method, path, operation in operations(document):
        where = f"{method} {path}"
        assert path.startswith("/api/v1/"), where
        assert operation["operationId"] not in seen, where
        seen.add(operation["operationId"])
        assert operation["summary"], where
        named = re.findall(r"\{([^{}]+)\}", path)
        declared = [one["name"] for one in operation.get("parameters", []) if one["in"] == "path"]
        assert sorted(named) == sorted(declared), where
        assert "<" not in path, where
        for parameter in operation.get("parameters", []):
            assert parameter["in"] in {"path", "query", "header", "cookie"} and parameter["schema"], where
            assert parameter["in"] != "path" or parameter["required"] is True, where
        assert operation["responses"], where
        for status, response in operation["responses"].items():
            assert re.fullmatch(r"[1-5]\d\d|default", status), where
            assert response["description"], where
        assert method in {"post", "put", "patch"} or "requestBody" not in operation, where
        schemes = document["components"]["securitySchemes"]
        assert all(name in schemes for need in operation["security"] for name in need), where


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    found = list(schemas(document))
    assert len(found) > 10
    for schema in found:
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        assert reference.startswith("#/components/schemas/")
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"], reference


def test_no_json_address_is_left_out(app: Flask, document: dict[str, Any]) -> None:
    described = {(method, re.sub(r"\{[^{}]+\}", "{}", path)) for method, path, _ in operations(document)}
    served = {
        (method.lower(), re.sub(r"<[^<>]+>", "{}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule != "/api/v1/openapi.json"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served


@pytest.mark.parametrize(("method", "path"), CONTRACT, ids=str)
def test_the_contracts_addresses_are_there(document: dict[str, Any], method: str, path: str) -> None:
    assert (method, path) in {(m, re.sub(r"\{[^{}]+\}", "{}", p)) for m, p, _ in operations(document)}


def test_answers_are_what_the_document_says(
    client: FlaskClient, sign_in: SignIn, learner_account: Account, document: dict[str, Any]
) -> None:
    root = Registry().with_resource("urn:doc", Resource.from_contents(document, default_specification=DRAFT202012))

    def check(answer: Any, path: str, method: str, status: str, media_type: str = "application/json") -> None:
        escaped = path.replace("/", "~1"), media_type.replace("/", "~1")
        pointer = f"urn:doc#/paths/{escaped[0]}/{method}/responses/{status}/content/{escaped[1]}/schema"
        Draft202012Validator({"$ref": pointer}, registry=root).validate(answer.json)

    signed_in = client.post("/api/v1/session", json={"username": "zhangsan", "password": PASSWORD})
    check(signed_in, "/api/v1/session", "post", "200")
    browser = sign_in(learner_account)
    check(browser.get("/api/v1/me/hours"), "/api/v1/me/hours", "get", "200")
    check(browser.get("/api/v1/me/certificates"), "/api/v1/me/certificates", "get", "200")
    problem = browser.post("/api/v1/session", json={"username": 7})
    check(problem, "/api/v1/session", "post", "default", "application/problem+json")
