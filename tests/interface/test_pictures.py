"""Uploaded pictures: what is taken, what is refused, and what of them is left."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import zlib

import pytest
from django.core.files.storage import InMemoryStorage
from django.utils import translation
from PIL import ExifTags, Image, ImageCms

from o2o_platform.interface.pictures import (
    PictureRefused,
    forget_picture,
    keep_picture,
    read_picture,
    sibling,
    widths_of,
)

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(size=(1200, 800), mode="RGB", colour=RED) -> Image.Image:
    return Image.new(mode, size, colour)


def noisy(size=(640, 480)) -> Image.Image:
    return Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3))


def encoded(image: Image.Image, kind="JPEG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(rendition) -> Image.Image:
    return Image.open(io.BytesIO(rendition.content))


def png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def near(pixel, wanted) -> bool:
    return all(abs(a - b) < 14 for a, b in zip(pixel, wanted, strict=False))


def refusal(content: bytes, **options) -> str:
    with translation.override("en"):
        with pytest.raises(PictureRefused) as refused:
            read_picture(content, **options)
        return refused.value.messages[0]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photographs_come_back_as_webp_in_three_widths(kind):
    taken = read_picture(encoded(picture((2400, 1600)), kind))
    assert [(each.width, each.height) for each in taken.renditions] == [(480, 320), (960, 640), (1600, 1067)]
    for each in taken.renditions:
        image = opened(each)
        assert (image.format, image.size) == ("WEBP", (each.width, each.height))
        assert near(image.convert("RGB").getpixel((10, 10)), RED)


def test_nothing_is_enlarged():
    taken = read_picture(encoded(picture((700, 300))))
    assert [each.width for each in taken.renditions] == [480, 700] == list(widths_of(700))
    assert read_picture(encoded(picture((1, 1)), "PNG")).largest.width == 1
    assert widths_of(480) == (480,)
    assert widths_of(5000) == (480, 960, 1600)


@pytest.mark.parametrize("size", [(1, 9000), (9000, 1), (1000, 3000), (900, 4000)])
def test_odd_shapes_stay_within_bounds(size):
    for each in read_picture(encoded(picture(size), "PNG")).renditions:
        assert opened(each).size == (each.width, each.height)
        assert each.width <= 1600
        assert each.height <= 3200
        assert each.name.endswith(f"-{each.width}.webp")


def test_the_same_pixels_have_the_same_name_and_others_another():
    first, again = (read_picture(encoded(picture(), "PNG", compress_level=level)) for level in (1, 9))
    assert first.name == again.name
    assert read_picture(encoded(picture(colour=BLUE), "PNG")).name != first.name
    assert [sibling(first.name, each.width) for each in first.renditions] == [each.name for each in first.renditions]


def test_metadata_is_gone_and_the_picture_stands_upright():
    image = Image.new("RGB", (600, 400), BLUE)
    image.paste(RED, (0, 0, 600, 60))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    exif[ExifTags.Base.Artist] = "Somebody at home"
    content = encoded(image, exif=exif, comment=b"a secret")
    assert b"Somebody" in content
    taken = read_picture(content)
    shown = opened(taken.largest)
    assert shown.size == (400, 600)
    assert near(shown.convert("RGB").getpixel((390, 300)), RED)
    assert near(shown.convert("RGB").getpixel((10, 300)), BLUE)
    assert not shown.getexif()
    for each in taken.renditions:
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(opened(each).info)
        assert b"Somebody" not in each.content


@pytest.mark.parametrize("orientation", [0, 9, 255, 65535])
def test_an_orientation_nobody_knows_is_none(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    assert read_picture(encoded(picture((300, 200)), exif=exif)).largest.width == 300


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells of what it mends
def test_an_exif_block_of_nonsense_does_not_cost_the_picture():
    assert read_picture(encoded(picture((300, 200)), exif=b"Exif\0\0II*\0\xff\xff\xff\xff")).largest.width == 300


def test_cmyk_grey_and_sixteen_bits_become_rgb():
    for image, kind in (
        (picture((600, 400), "CMYK", (0, 200, 200, 20)), "JPEG"),
        (picture((600, 400), "L", 120), "JPEG"),
        (picture((600, 400), "1", 1), "PNG"),
        (picture((600, 400), "I;16", 40_000), "PNG"),
        (picture((600, 400), "LA", (120, 255)), "PNG"),
    ):
        shown = opened(read_picture(encoded(image, kind)).largest)
        assert shown.mode in ("RGB", "RGBA")
    grey = opened(read_picture(encoded(picture((600, 400), "I;16", 0x8000), "PNG")).largest)
    assert near(grey.convert("RGB").getpixel((5, 5)), (128, 128, 128))


def test_transparency_is_kept():
    image = picture((600, 400), "P", 0)
    image.putpalette([*RED, *BLUE])
    image.paste(1, (0, 0, 300, 400))
    shown = opened(read_picture(encoded(image, "PNG", transparency=bytes([0, 255]))).largest)
    assert shown.mode == "RGBA"
    assert shown.getpixel((590, 200))[3] == 0
    assert shown.getpixel((5, 200))[3] == 255
    keyed = encoded(picture((600, 400)), "PNG", transparency=RED)
    assert opened(read_picture(keyed).largest).getpixel((5, 5))[3] == 0


def test_a_colour_profile_is_applied_and_dropped():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, lab, b"no profile at all", srgb[:200]):
        for image in (picture((600, 400)), picture((600, 400), "RGBA", (*RED, 128)), picture((600, 400), "L", 90)):
            kind = "JPEG" if image.mode == "RGB" else "PNG"
            shown = opened(read_picture(encoded(image, kind, icc_profile=profile)).largest)
            assert "icc_profile" not in shown.info
            if image.mode == "RGB":
                assert near(shown.convert("RGB").getpixel((5, 5)), RED)
            if image.mode == "RGBA":
                assert abs(shown.getpixel((5, 5))[3] - 128) < 4


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        encoded(picture(), "GIF"),
        encoded(picture(), "BMP"),
        encoded(picture(), "TIFF"),
        encoded(picture(), "AVIF"),
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 200,
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"\xff\xd8",
        b"RIFF\0\0\0\0WAVE",
    ],
)
def test_other_kinds_are_refused(content):
    assert "JPEG, PNG and WebP" in refusal(content)


def test_moving_pictures_are_refused():
    frames = [picture((64, 64)), picture((64, 64), colour=BLUE)]
    for kind in ("PNG", "WEBP"):
        content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        assert "Moving" in refusal(content)


def test_a_polyglot_leaves_nothing_but_its_pixels():
    payload = b"PK\x03\x04<script>alert(1)</script>"
    for kind in ("JPEG", "PNG"):
        taken = read_picture(encoded(noisy(), kind) + payload)
        assert all(payload not in each.content and b"script" not in each.content for each in taken.renditions)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.5, 0.9, 0.99])
def test_half_a_file_is_no_picture(kind, share):
    content = encoded(noisy(), kind)
    refusal(content[: max(3, int(len(content) * share))])


def test_nothing_and_too_much_are_refused(settings):
    assert "empty" in refusal(b"")
    settings.PICTURE_MAX_BYTES = 1_000_000
    assert "larger than 1 MB" in refusal(io.BytesIO(b"\xff\xd8\xff" + bytes(2_000_000)))
    assert "larger than 0 MB" in refusal(encoded(noisy()), max_bytes=1000)
    assert "640 px" in refusal(encoded(picture((639, 800))), least_width=640)


def test_bombs_are_refused_before_they_are_decoded():
    deflated = zlib.compress(bytes(60_001 * 3))
    for size in ((20_000, 20_000), (60_000, 60_000), (100_000, 3), (2**31 - 1, 2**31 - 1), (12_000, 12_000)):
        chunk = b"IDAT" + deflated
        content = png_header(*size) + struct.pack(">I", len(deflated)) + chunk + struct.pack(">I", zlib.crc32(chunk))
        refusal(content)
    assert "24 million pixels" in refusal(png_header(5000, 5000) + b"\0\0\0\0IDAT5\xaf\x06\x1e")
    vp8x = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (16_382).to_bytes(3, "little") * 2
    assert "12 million" in refusal(b"RIFF" + struct.pack("<I", len(vp8x) + 4) + b"WEBP" + vp8x)
    jpeg = bytearray(encoded(noisy((64, 64))))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", 65_000, 65_000)
    assert "million pixels" in refusal(bytes(jpeg))


def test_a_jpeg_of_a_thousand_scans_is_refused():
    content = encoded(noisy((64, 64)), progressive=True)
    scan = content[content.index(b"\xff\xda") : -2]
    refusal(content[:-2] + scan * 1000 + b"\xff\xd9")


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells of what it mends
def test_broken_bytes_are_refusals_and_never_failures():
    """Two thousand files with a few wrong bytes: each is a picture or a refusal."""
    dice = random.Random(2026)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    seeds = [
        encoded(noisy((60, 40)), exif=exif, icc_profile=profile),
        encoded(noisy((60, 40)), progressive=True),
        encoded(noisy((60, 40)), "PNG", icc_profile=profile, exif=exif),
        encoded(noisy((60, 40)), "WEBP", icc_profile=profile, exif=exif),
        encoded(noisy((60, 40)).convert("CMYK")),
        encoded(noisy((60, 40)).convert("P"), "PNG"),
    ]
    refused = 0
    for _round in range(2000):
        content = bytearray(dice.choice(seeds))
        for _byte in range(dice.randint(1, 4)):
            content[dice.randrange(3, min(len(content), dice.choice((64, 700, 100_000))))] = dice.randrange(256)
        try:
            read_picture(bytes(content))
        except PictureRefused:
            refused += 1
    assert 100 < refused < 2000


MEASURE = """
import io, sys
from pathlib import Path
from django.conf import settings
settings.configure(PICTURE_MAX_BYTES=20_000_000, PICTURE_MAX_PIXELS=64_000_000)
from o2o_platform.interface.pictures import read_picture
content = sys.stdin.buffer.read()
read_picture(io.BytesIO(content))
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(int(status["VmHWM"].split()[0]) // 1024)
"""


@pytest.mark.parametrize(("kind", "size"), [("JPEG", (8000, 8000)), ("PNG", (6000, 4000)), ("WEBP", (4000, 3000))])
def test_memory_is_bounded_by_the_caps(kind, size):
    content = encoded(Image.new("RGB" if kind == "JPEG" else "RGBA", size, (9, 99, 199)), kind)
    run = subprocess.run([sys.executable, "-c", MEASURE], input=content, capture_output=True, check=True)
    assert int(run.stdout) < 330


def test_keeping_and_forgetting_a_picture():
    storage = InMemoryStorage()
    taken = read_picture(encoded(picture()))
    name = keep_picture(taken, storage=storage, folder="photos/")
    assert keep_picture(taken, storage=storage, folder="photos") == name == f"photos/{taken.name}"
    assert sorted(storage.listdir("photos")[1]) == sorted(each.name for each in taken.renditions)
    forget_picture(name, width=taken.width, storage=storage)
    assert storage.listdir("photos")[1] == []
