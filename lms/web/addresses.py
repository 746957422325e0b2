"""Addresses hold no ID number: they stay in histories, in links and in the logs of what stands in front of the platform."""

import re
from itertools import chain

from flask import Flask, g, request

from lms.kernel.errors import N_, Invalid
from lms.kernel.numbers import tells_an_id_number

SHORTEST = 15
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


class NumberInAddress(Invalid):
    """What was searched for, or sent back, is written like an ID number."""

    code, title = "number_in_address", N_("查找内容里有身份证号，没有查找。请改用姓名、单位或编号")


def tell_a_number(*texts: str) -> bool:
    """Whether one of some parts of an address holds what is written like an ID number; the platform's own ids are none."""
    return any(len(text) >= SHORTEST and tells_an_id_number(_UUID.sub("x", text)) for text in texts)


def init_app(app: Flask) -> None:
    """Refuses such an address before anything reads it, so that no page makes a link of it."""

    @app.before_request
    def _refuse() -> None:
        parts = [one for one in (request.view_args or {}).values() if isinstance(one, str)]
        if request.url_rule is None:
            parts.append(request.path)
        query = chain.from_iterable(request.args.items(multi=True)) if request.query_string else ()
        in_path = tell_a_number(*parts)
        if in_path or tell_a_number(*query):
            request.query_string = b""  # pages link back to where they were asked for
            g.unreferred = True
            if in_path:
                request.path = "/"
            raise NumberInAddress
