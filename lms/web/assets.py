"""The addresses of the front end's bundles, whose names carry a hash of their content."""

import json
from functools import cache

from lms import paths


class AssetsMissing(Exception):
    """The front-end build has not run, or does not know the bundle that a template asks for."""


@cache
def _manifest() -> dict[str, str]:
    """Bundle name → hashed file name, as frontend/build.mjs wrote it; read once for the life of the process."""
    path = paths.static_dist() / "manifest.json"
    try:
        names: dict[str, str] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise AssetsMissing(f"{path} is missing: run `node frontend/build.mjs` (make run and make test do)") from error
    return names


def asset_url(name: str) -> str:
    """The address of a bundle such as "app.css". Raises AssetsMissing when the build made none of that name."""
    file = _manifest().get(name)
    if file is None:
        raise AssetsMissing(f"the front-end build made no {name!r}; it made {sorted(_manifest())}")
    return f"/static/{file}"
