"""The files behind photographs: kept under names that follow from their content, swept when no row names them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import IO

from django.core.files.storage import default_storage
from django.utils import timezone

from catalog.models import BrandStore, Photo
from o2o_platform.interface.pictures import keep_picture, read_picture

FOLDER = "photos"
LEAST_WIDTH = 480
# A form is saved some time after its file; a version of a photograph can be restored for a month.
YOUNG = timedelta(days=1)
KEPT_FOR_HISTORY = timedelta(days=30)


def set_picture(photo: Photo, upload: bytes | IO[bytes]) -> None:
    """Check an upload, keep it in all widths and let `photo` name it. Raises `PictureRefused`; saves no row."""
    picture = read_picture(upload, least_width=LEAST_WIDTH)
    photo.image = keep_picture(picture, storage=photo.image.storage, folder=FOLDER)
    photo.width, photo.height = picture.width, picture.height


def digest_of(name: str) -> str:
    """What the widths of one picture have in common."""
    return name.rpartition("/")[2].partition("-")[0]


def _names_in_shops(since: datetime) -> Iterator[tuple[str, str]]:
    """Logos and hero pictures of shops, of their recent versions too."""
    yield from BrandStore.objects.values_list("logo", "hero")
    yield from BrandStore.history.filter(history_date__gte=since).values_list("logo", "hero")


def keep_shop_picture(upload: bytes | IO[bytes], *, least_width: int) -> str:
    """Check an upload and keep it in all widths; the name of the largest. Raises `PictureRefused`."""
    picture = read_picture(upload, least_width=least_width)
    return keep_picture(picture, storage=default_storage, folder=FOLDER)


def sweep_photos() -> int:
    """Delete the files no photograph names any more; returns how many files went.

    Names are listed before rows are read, so a picture kept meanwhile is not among them; what a
    recent version of a row named stays a month for a change of mind.
    """
    if not default_storage.exists(FOLDER):
        return 0
    now = timezone.now()
    names = [f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]]
    used = {digest_of(name) for name in Photo.objects.values_list("image", flat=True).iterator()}
    recent = Photo.history.filter(history_date__gte=now - KEPT_FOR_HISTORY)
    used |= {digest_of(name) for name in recent.values_list("image", flat=True).iterator()}
    used |= {digest_of(name) for names in _names_in_shops(now - KEPT_FOR_HISTORY) for name in names if name}
    orphans = [
        name for name in names if digest_of(name) not in used and default_storage.get_modified_time(name) < now - YOUNG
    ]
    for name in orphans:
        default_storage.delete(name)
    return len(orphans)
