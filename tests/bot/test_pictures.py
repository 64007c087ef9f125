"""The pictures of a card."""

from __future__ import annotations

from dataclasses import replace

import png
import pytest

from bot.pictures import picture_of
from bot.qr import address_qr
from services.order_views import Stage
from tests.bot.samples import ORDER
from tests.support.shop import address

MODULE, BORDER = 13, 4


def grey(picture: bytes) -> tuple[int, int, list[list[int]]]:
    """Width, height and rows of light (255) and dark (0)."""
    width, height, rows, _ = png.Reader(bytes=picture).asRGB8()
    return width, height, [list(row)[::3] for row in rows]


def test_the_code_is_large_and_has_its_quiet_zone() -> None:
    width, height, rows = grey(address_qr(address("payments")))
    assert width == height == (29 + 2 * BORDER) * MODULE
    quiet = BORDER * MODULE
    assert {value for row in rows for value in row} == {0, 255}
    for row in (*rows[:quiet], *rows[-quiet:]):
        assert set(row) == {255}
    for row in rows:
        assert set(row[:quiet]) | set(row[-quiet:]) == {255}
    # The three finder patterns: a dark corner of seven modules.
    inside = quiet + 7 * MODULE
    assert set(rows[quiet][quiet:inside]) == {0}
    assert set(rows[quiet][-inside:-quiet]) == {0}
    assert set(rows[-quiet - 1][quiet:inside]) == {0}
    assert set(rows[-quiet - 1][-inside:-quiet]) != {0}


def test_each_address_has_its_own_code() -> None:
    assert address_qr(address("payments")) == address_qr(address("payments"))
    assert address_qr(address("payments")) != address_qr(address("ann"))
    assert len(address_qr(address("payments"))) < 20_000


@pytest.mark.parametrize("stage", list(Stage))
def test_each_stage_has_a_picture(stage: Stage) -> None:
    picture = picture_of(replace(ORDER, stage=stage))
    width, height, _ = grey(picture.png)
    assert (width, height) == ((481, 481) if stage is Stage.AWAITING else (480, 480))
    assert len(picture.png) < 20_000
    assert repr(picture).find("png") == -1, "a log line is no place for a picture"


def test_pictures_are_told_apart_by_their_keys() -> None:
    pictures = [picture_of(replace(ORDER, stage=stage)) for stage in Stage]
    assert len({picture.key for picture in pictures}) == len(Stage)
    assert len({picture.png for picture in pictures}) == len(Stage)
    other = picture_of(replace(ORDER, payment_address=address("ben")))
    assert other.key != pictures[0].key
