"""Each refusal is a small named type: one code, one status, one sentence."""

import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import lms
from lms.kernel.errors import DomainError, Invalid
from lms.kernel.verdict import Allowed, Denied

PACKAGE = Path(lms.__file__).parent


def all_errors(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for kind in base.__subclasses__():
        if kind.__module__.startswith("lms."):
            yield kind
            yield from all_errors(kind)


def load_everything() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        if name not in {"lms.wsgi", "lms.__main__"} and not name.endswith(("mediaprobe_child", "sandbox_launcher")):
            import_module(name)


def test_every_refusal_has_a_code_of_its_own_a_status_and_a_chinese_sentence() -> None:
    load_everything()
    errors = set(all_errors())
    assert len(errors) > 15
    for kind in errors:
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", kind.code), kind
        assert 400 <= kind.status < 500, kind
        assert re.search(r"[\u4e00-\u9fff]", kind.title), kind
        assert kind.__doc__, kind
    shared = [code for code, uses in Counter(kind.code for kind in errors if "code" in vars(kind)).items() if uses > 1]
    assert not shared


def test_a_refusal_carries_what_it_was_given() -> None:
    error = Invalid("第三行有误", fields={"line": "空"}, extra={"missing": [1]})
    assert (str(error), error.detail, error.fields, error.extra) == (
        "第三行有误",
        "第三行有误",
        {"line": "空"},
        {"missing": [1]},
    )
    assert str(Invalid()) == Invalid.title
    assert Invalid().detail is None


def test_a_verdict_reads_like_a_condition() -> None:
    assert Allowed()
    assert not Denied("why")
    assert Denied("why").reason == "why"
