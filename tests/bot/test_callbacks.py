"""What buttons carry fits into them, comes back as it was, and cannot be mistaken."""

from __future__ import annotations

import secrets
from uuid import UUID

import pytest
from aiogram.filters.callback_data import CallbackData

from bot import callbacks
from bot.callbacks import (
    BackTo,
    ChooseDuration,
    ChooseLanguage,
    ChooseReceiver,
    ChooseSender,
    ChooseTransfers,
    Do,
    Go,
    Nothing,
    OrdersPage,
    OrderTap,
    Place,
    PlaceOrder,
    Step,
)
from bot.drafts import Draft
from services.customers import Language
from tests.support.shop import address

LARGEST_UUID = UUID(int=2**128 - 1)
DRAFT = Draft(recipient=address("ann")).id
LONGEST: list[CallbackData] = [
    *(Go(place=place) for place in Place),
    *(ChooseLanguage(language=language) for language in Language),
    ChooseSender(address=address("ann")),
    *(BackTo(draft=DRAFT, step=step) for step in Step),
    ChooseReceiver(draft=DRAFT, holds_token=True),
    ChooseTransfers(draft=DRAFT, transfers=10**9),
    ChooseDuration(draft=DRAFT, seconds=365 * 24 * 3600),
    PlaceOrder(quote=LARGEST_UUID, draft=DRAFT),
    *(OrderTap(order=LARGEST_UUID, do=do) for do in Do),
    OrdersPage(page=10**9),
    Nothing(),
]


@pytest.mark.parametrize("data", LONGEST, ids=lambda data: type(data).__name__)
def test_it_fits_and_comes_back(data: CallbackData) -> None:
    packed = data.pack()
    assert len(packed.encode()) <= 64
    assert type(data).unpack(packed) == data


def test_all_kinds_are_here_and_have_prefixes_of_their_own() -> None:
    kinds = {
        kind
        for kind in vars(callbacks).values()
        if isinstance(kind, type) and issubclass(kind, CallbackData) and kind is not CallbackData
    }
    assert kinds == {type(data) for data in LONGEST}
    assert len({kind.__prefix__ for kind in kinds}) == len(kinds)


def test_the_id_of_a_draft_has_no_separator_in_it() -> None:
    for _ in range(200):
        assert ":" not in Draft(recipient=address("ann")).id
    assert ":" not in secrets.token_urlsafe(64)
