"""What addresses are made of."""

from __future__ import annotations

from django.urls.converters import StringConverter


class PictureNameConverter(StringConverter):
    """The name of one width of a kept picture; nothing else reaches the storage."""

    regex = r"[0-9a-f]{32}-[0-9]{1,4}\.webp"
