"""Draws QR codes (the only importer of segno)."""

import base64
import io

import segno


def svg(text: str) -> str:
    """An SVG document with the QR code of `text` as one path: drawn as single squares it would cost typst five times as long.

    Error correction level M, four modules of quiet zone; the drawing scales to whatever box it is placed in.
    """
    out = io.BytesIO()
    segno.make_qr(text, error="M").save(out, kind="svg", xmldecl=False, svgclass=None, lineclass=None, omitsize=True)
    return out.getvalue().decode()


def data_address(text: str) -> str:
    """The same drawing as a data: address, for the src of an image on a page."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg(text).encode()).decode()
