"""The collection code as a QR, for the dealership's scanner."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

import qrcode
from qrcode.image.svg import SvgPathImage


def qr_data_uri(text: str) -> str:
    """An SVG as a data: address for an image; the content policy allows those."""
    buffer = BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, box_size=10, border=2).save(buffer)
    return "data:image/svg+xml;base64," + b64encode(buffer.getvalue()).decode()
