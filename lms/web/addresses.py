"""Addresses hold no ID number: they stay in histories, in links and in the logs of what stands in front of the platform."""

import re

from flask import Flask, request

from lms.kernel.errors import N_, Invalid
from lms.kernel.numbers import tells_an_id_number

SHORTEST = 18
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


class NumberInAddress(Invalid):
    """What was searched for, or sent back, is written like an ID number."""

    code, title = "number_in_address", N_("查找内容里有身份证号，没有查找。请改用姓名、单位或编号")


def init_app(app: Flask) -> None:
    """Refuses such an address before anything reads it, so that no page makes a link of it."""

    @app.before_request
    def _refuse() -> None:
        if not request.query_string:
            return
        for value in request.args.values():
            if len(value) >= SHORTEST and tells_an_id_number(_UUID.sub("x", value)):
                request.query_string = b""  # pages link back to where they were asked for
                raise NumberInAddress
