"""Photographs as files: served for ever, shown in the width that fits, swept when no row names them."""

from __future__ import annotations

import contextlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.template import Context, Template
from django.utils import timezone, translation

from catalog.models import Photo
from catalog.services.photos import set_picture, sweep_photos
from tests import factories
from tests.interface.test_pictures import BLUE, encoded, picture

TAG = Template('{% load photos %}{% photo one sizes="50vw" first=True %}{% photo one %}')


@pytest.fixture(autouse=True)
def media(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def make_photo(size=(1200, 600), **fields) -> Photo:
    photo = Photo(vehicle_model=factories.make_model(), **{"alt": "Front", "alt_zh": "正面"} | fields)
    set_picture(photo, encoded(picture(size, colour=fields.pop("colour", BLUE)), "PNG"))
    photo.save()
    return photo


def age(folder: Path, days: int) -> None:
    past = (timezone.now() - timedelta(days=days)).timestamp()
    for file in folder.iterdir():
        os.utime(file, (past, past))


def test_a_photograph_is_served_for_ever_and_compressed_no_further(client):
    address = make_photo().image.url
    response = client.get(address, headers={"accept-encoding": "gzip"})
    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Content-Encoding" not in response
    assert "Cookie" not in response.get("Vary", "")
    assert response.getvalue()[8:12] == b"WEBP"
    response.close()
    assert client.get(address, headers={"if-none-match": response["ETag"]}).status_code == 304
    with contextlib.closing(client.head(address)) as head:
        assert head.status_code == 200
    assert client.post(address).status_code == 405


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "a.webp",
        "A" * 32 + "-480.webp",
        "a" * 32 + "-99999.webp",
        "0" * 32 + "-480.webp",
        "0" * 32 + "-480.webp/..",
        "secret.txt",
        "",
    ],
)
def test_nothing_but_photographs_is_served(client, media, name):
    (media / "secret.txt").write_text("secret")
    (media / "photos").mkdir()
    (media / "photos" / "secret.txt").write_text("secret")
    response = client.get(f"/media/photos/{name}")
    assert response.status_code == 404


def test_the_tag_offers_every_width_and_keeps_the_place():
    photo = make_photo()
    with translation.override("en"):
        first, later = TAG.render(Context({"one": photo})).split("><")
    base = photo.image.url.removesuffix("-1200.webp")
    assert f'srcset="{base}-480.webp 480w, {base}-960.webp 960w, {base}-1200.webp 1200w"' in first
    assert 'sizes="50vw" width="1200" height="600" alt="Front"' in first
    assert 'fetchpriority="high"' in first
    assert 'loading="lazy"' in later
    with translation.override("zh-hans"):
        assert 'alt="正面"' in TAG.render(Context({"one": photo}))


def test_words_of_a_photograph_are_escaped():
    photo = make_photo(alt='"><script>', alt_zh="")
    assert "<script>" not in TAG.render(Context({"one": photo}))


def test_files_without_a_row_are_swept_after_a_while(media, capsys):
    kept, gone = make_photo(), make_photo((900, 600))
    name = gone.image.name
    gone.delete()
    age(media / "photos", days=2)
    assert sweep_photos() == 0
    Photo.history.update(history_date=timezone.now() - timedelta(days=31))
    assert sweep_photos() == 2
    assert not default_storage.exists(name)
    assert len(default_storage.listdir("photos")[1]) == 3
    assert default_storage.exists(kept.image.name)
    call_command("sweep_photos")
    assert "files deleted: 0" in capsys.readouterr().out


def test_young_files_wait_for_their_row(media):
    assert sweep_photos() == 0
    photo = Photo(vehicle_model=factories.make_model(), alt="x")
    set_picture(photo, encoded(picture((600, 400)), "PNG"))
    assert sweep_photos() == 0
    age(media / "photos", days=2)
    assert sweep_photos() == 2
