import re
from xml.etree import ElementTree

import pytest

from o2o_platform.interface import drawings


@pytest.mark.parametrize("body", drawings.BODIES)
def test_every_body_type_stands_alone_as_valid_svg(body):
    root = ElementTree.fromstring(drawings.standalone_car(body, paint="#b3191f"))  # noqa: S314 - our own drawing
    assert root.attrib["color"] == "#b3191f"


def test_a_car_is_named_unless_it_is_decoration():
    assert 'role="img" aria-label="Nimbus in red"' in drawings.render_car("suv", label="Nimbus in red")
    assert 'aria-hidden="true"' in drawings.render_car("suv", label="")


def test_a_paint_that_is_no_colour_never_reaches_the_page():
    assert "script" not in drawings.render_car("suv", paint='"><script>')


def test_an_unknown_body_is_drawn_as_a_sedan():
    assert "#car-sedan" in drawings.render_car("hovercraft")


@pytest.mark.parametrize("body", drawings.BODIES)
def test_nothing_a_drawing_uses_is_missing(body):
    drawing = drawings.standalone_car(body, paint="#b3191f")
    used = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', drawing))
    names = set(re.findall(r' id="([^"]+)"', drawing))
    assert {one or other for one, other in used} <= names
