"""Uploaded pictures: looked at with suspicion, then written anew as WebP in a few widths.

What a visitor sends is decided by its bytes, never by its name. Nothing of the upload survives but
its pixels: metadata (places above all), profiles, comments and whatever is glued to the file go.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass
from typing import IO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageCms

WIDTHS = (480, 960, 1600)
TALLEST = 2  # times the width
QUALITY = 80
# A PNG or a progressive JPEG has to be decoded whole, at up to 12 bytes a pixel on the way, a WebP at twice
# that; a plain JPEG is decoded at an eighth to a half of its size.
WHOLE_PIXELS = 24_000_000
WEBP_PIXELS = 12_000_000
# A progressive JPEG of thousands of scans keeps a processor busy for minutes.
MOST_SCANS = 64

BROKEN = (OSError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError, EOFError, struct.error, zlib.error)
BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
PROFILE_MODES = {"RGB ": ("RGB", "RGBA"), "CMYK": ("CMYK",), "GRAY": ("L",)}


class PictureRefused(ValidationError):
    """The upload is no picture we take; the text says why and is fit for the sender."""


@dataclass(frozen=True, slots=True)
class Rendition:
    """The picture in one width (px), as WebP."""

    name: str
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in all its widths, narrowest first. Names follow from the content, so they never change meaning."""

    renditions: tuple[Rendition, ...]

    @property
    def largest(self) -> Rendition:
        return self.renditions[-1]

    @property
    def name(self) -> str:
        return self.largest.name

    @property
    def width(self) -> int:
        return self.largest.width

    @property
    def height(self) -> int:
        return self.largest.height


def read_picture(
    upload: bytes | IO[bytes],
    *,
    widths: tuple[int, ...] = WIDTHS,
    least_width: int = 1,
    max_bytes: int | None = None,
) -> Picture:
    """Check an upload and write it anew. Raises `PictureRefused`; touches no storage.

    Bounded by `settings.PICTURE_MAX_BYTES` and, before anything is decoded, by `settings.PICTURE_MAX_PIXELS`.
    """
    content = _read_bytes(upload, settings.PICTURE_MAX_BYTES if max_bytes is None else max_bytes)
    kind = _kind_of(content)
    try:
        image = _open(content, kind)
        _check_size(image, kind)
        image = _upright(_shrunk(image, max(widths)))
        if image.width < least_width:
            raise PictureRefused(_("The picture has to be at least %(width)d px wide.") % {"width": least_width})
        return _written(_in_srgb(image), widths)
    except BOMB as bomb:
        raise PictureRefused(_too_many_pixels(settings.PICTURE_MAX_PIXELS)) from bomb
    except BROKEN as fault:
        raise PictureRefused(_("The picture is damaged or incomplete.")) from fault


def widths_of(width: int, widths: tuple[int, ...] = WIDTHS) -> tuple[int, ...]:
    """The widths a picture of a width is kept in; the last is its own. Nothing is ever enlarged."""
    largest = min(width, max(widths))
    return (*(each for each in sorted(widths) if each < largest), largest)


def sibling(name: str, width: int) -> str:
    """The name of the same picture in another of its widths."""
    return f"{name.rpartition('-')[0]}-{width}.webp"


def keep_picture(picture: Picture, *, storage: Storage, folder: str) -> str:
    """Write all widths below `folder`; returns the name of the largest. What is there already stays."""
    names = [f"{folder.strip('/')}/{each.name}" for each in picture.renditions]
    for name, rendition in zip(names, picture.renditions, strict=True):
        if not storage.exists(name):
            storage.save(name, ContentFile(rendition.content))
    return names[-1]


def forget_picture(name: str, *, width: int, storage: Storage) -> None:
    """Delete a kept picture in all its widths."""
    for each in widths_of(width):
        storage.delete(sibling(name, each))


def _read_bytes(upload: bytes | IO[bytes], limit: int) -> bytes:
    content = upload if isinstance(upload, bytes) else upload.read(limit + 1)
    if not content:
        raise PictureRefused(_("The file is empty."))
    if len(content) > limit:
        raise PictureRefused(_("The picture is larger than %(limit)d MB.") % {"limit": limit // 1_000_000})
    return content


def _kind_of(content: bytes) -> str:
    if content.startswith(b"\xff\xd8\xff"):
        if content.count(b"\xff\xda") > MOST_SCANS:
            raise PictureRefused(_("The picture is damaged or incomplete."))
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        _check_webp_header(content)
        return "WEBP"
    raise PictureRefused(_("Only JPEG, PNG and WebP pictures are accepted."))


def _check_webp_header(content: bytes) -> None:
    """Its decoder sets two whole canvases aside at opening, so the size is read before."""
    chunk, head = content[12:16], content[20:30]
    if chunk == b"VP8X" and len(head) == 10:
        if head[0] & 0x02:
            raise PictureRefused(_("Moving pictures are not accepted."))
        width, height = (1 + int.from_bytes(head[at : at + 3], "little") for at in (4, 7))
    elif chunk == b"VP8L" and len(head) == 10 and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif chunk == b"VP8 " and len(head) == 10 and head[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    else:
        raise PictureRefused(_("The picture is damaged or incomplete."))
    _check_pixels(width * height, WEBP_PIXELS)


def _open(content: bytes, kind: str) -> Image.Image:
    """Read the header only; a phone's JPEG with further pictures behind it stands for its first."""
    image = Image.open(io.BytesIO(content), formats=[kind])
    if kind != "JPEG" and getattr(image, "is_animated", False):
        raise PictureRefused(_("Moving pictures are not accepted."))
    return image


def _check_size(image: Image.Image, kind: str) -> None:
    is_whole = kind != "JPEG" or image.info.get("progressive")
    _check_pixels(image.width * image.height, WHOLE_PIXELS if is_whole else settings.PICTURE_MAX_PIXELS)


def _check_pixels(pixels: int, limit: int) -> None:
    limit = min(limit, settings.PICTURE_MAX_PIXELS)
    if pixels > limit:
        raise PictureRefused(_too_many_pixels(limit))


def _too_many_pixels(limit: int) -> Promise | str:
    return _("The picture has more than %(limit)d million pixels.") % {"limit": limit // 1_000_000}


def _fit(size: tuple[int, int], width: int) -> tuple[int, int]:
    """A size within a width and `TALLEST` times that in height, never larger than it was."""
    scale = min(1.0, width / size[0], width * TALLEST / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _shrunk(image: Image.Image, width: int) -> Image.Image:
    """Decoded, no larger than it has to be in either direction, in a mode that can be resized."""
    longest = width * TALLEST
    scale = min(1.0, longest / max(image.size))
    box = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    image.draft(None, box)
    image.load()
    plain = _plain_mode(image)
    if plain.size == box:
        return plain
    return plain.resize(box, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _plain_mode(image: Image.Image) -> Image.Image:
    if image.mode in ("RGB", "RGBA", "L", "CMYK"):
        has_key = "transparency" in image.info
        return image.convert("RGBA") if has_key else image
    if image.mode.startswith(("I", "F")):
        plain = image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    elif image.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in image.info:
        plain = image.convert("RGBA")
    else:
        plain = image.convert("RGB")
    plain.info = dict(image.info)
    return plain


def _upright(image: Image.Image) -> Image.Image:
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation)
    except BROKEN:
        orientation = None
    turn = TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turn)


def _in_srgb(image: Image.Image) -> Image.Image:
    wanted = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile := image.info.get("icc_profile"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if image.mode in PROFILE_MODES.get(source.profile.xcolor_space, ()):
                target = ImageCms.createProfile("sRGB")
                converted = ImageCms.profileToProfile(image, source, target, outputMode=wanted)
                return image.convert(wanted) if converted is None else converted
        except (ImageCms.PyCMSError, *BROKEN):
            return image.convert(wanted)
    return image.convert(wanted)


def _written(image: Image.Image, widths: tuple[int, ...]) -> Picture:
    full_width, full_height = _fit(image.size, max(widths))
    sizes = [(width, max(1, round(full_height * width / full_width))) for width in widths_of(full_width, widths)]
    contents = [_encoded(image, size) for size in sizes]
    digest = hashlib.blake2b(b"".join(contents), digest_size=16).hexdigest()
    return Picture(
        tuple(
            Rendition(f"{digest}-{size[0]}.webp", *size, content) for size, content in zip(sizes, contents, strict=True)
        )
    )


def _encoded(image: Image.Image, size: tuple[int, int]) -> bytes:
    scaled = image if image.size == size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = io.BytesIO()
    clean = Image.new(scaled.mode, scaled.size)
    clean.paste(scaled)
    clean.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
