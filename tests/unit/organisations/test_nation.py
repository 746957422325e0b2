"""The data that every installation begins with is whole."""

import tomllib
from pathlib import Path

import lms

DATA = tomllib.loads((Path(lms.__file__).parent / "organisations" / "data" / "nation.toml").read_text("utf-8"))


def test_there_are_31_provinces_the_corps_and_ten_industries() -> None:
    assert len(DATA["provinces"]) == 32
    assert DATA["provinces"]["66"].startswith("新疆生产建设兵团")
    assert len(DATA["industries"]) == 10


def test_codes_are_two_digits_and_used_once() -> None:
    codes = [DATA["national"]["code"], *DATA["provinces"], *DATA["industries"]]
    assert len(set(codes)) == len(codes) == 43
    assert all(len(code) == 2 and code.isdigit() for code in codes)


def test_names_are_used_once() -> None:
    names = [DATA["national"]["name"], *DATA["provinces"].values(), *DATA["industries"].values()]
    assert len(set(names)) == len(names)
