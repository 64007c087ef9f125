"""What buttons carry fits into them, comes back as it was, and cannot be mistaken."""

from __future__ import annotations

import secrets
from uuid import UUID

import pytest
from aiogram.filters.callback_data import CallbackData
from pydantic import ValidationError

from bot import callbacks
from bot.callbacks import (
    BackTo,
    Choose,
    ChooseDuration,
    ChooseLanguage,
    ChooseReceiver,
    ChooseSender,
    ChooseToken,
    ChooseTransfers,
    CountOwn,
    Do,
    ExtendBy,
    Go,
    KeyDoing,
    KeyPart,
    KeyTap,
    Nothing,
    OrdersPage,
    OrderTap,
    PayOut,
    PayOutNow,
    Place,
    PlaceOrder,
    Prove,
    ShapeKey,
    Step,
)
from bot.drafts import Draft
from bot.office import access
from bot.office.taps import (
    Acknowledge,
    AddPool,
    AddPrice,
    Aim,
    Approve,
    AskListed,
    AssignTo,
    ChangePerson,
    ChangePool,
    ChangePrice,
    ChangeSetting,
    ChoosePoolKey,
    Decide,
    DecideRisky,
    DoWithOrder,
    EditPrice,
    Enter,
    FindOrders,
    FoundOrders,
    HeldAt,
    HeldDoing,
    KeysOfPerson,
    LookAtBroadcast,
    LookAtEntry,
    LookAtHeld,
    LookAtKey,
    LookAtListed,
    LookAtLog,
    LookAtOrder,
    LookAtPerson,
    LookAtPool,
    LookAtPrice,
    LookAtRisky,
    LookAtSetting,
    NeverMind,
    NewBroadcast,
    NewKeyFor,
    NewPool,
    NoReason,
    NudgePrice,
    OfficeTap,
    OrderDoing,
    OrdersAt,
    OrdersOfPerson,
    OrderTimes,
    PersonChange,
    PickPool,
    PoolChange,
    PoolsPage,
    PoolStep,
    PriceEdit,
    PriceHistory,
    RemovePrice,
    ResetSetting,
    RevokeKeyOf,
    Room,
    SearchLog,
    ShapeKeyFor,
    ShowReport,
    Steer,
    Steering,
    Sure,
    SwitchMaintenance,
    SwitchSetting,
    TakeBook,
    Unlist,
    UsualWords,
    WriteWords,
)
from services.broadcasts import Activity
from services.customers import Language
from services.exports import Book
from services.held import Choice
from services.live_settings import ADJUSTABLE
from services.order_search import Numbered, Txid, Username, Wanted
from services.spans import SpanKind
from tests.support.shop import address

LARGEST_UUID = UUID(int=2**128 - 1)
LARGEST_ID = 2**63 - 1
LONGEST_KEY = max(ADJUSTABLE, key=len)
DRAFT = Draft(recipient=address("ann")).id
SOUGHT: list[Wanted] = [
    *(
        Numbered(LARGEST_ID),
        Numbered(LARGEST_ID, marked=True),
        LARGEST_UUID,
        Txid("ff" * 32),
        Txid("0a" * 32),
    ),
    *(address("ann"), Username("a" * 32)),
]
LONGEST: list[CallbackData] = [
    *(Go(place=place) for place in Place),
    *(ChooseLanguage(language=language) for language in Language),
    ChooseSender(address=address("ann")),
    *(BackTo(draft=DRAFT, step=step) for step in Step),
    ChooseReceiver(draft=DRAFT, holds_token=True),
    *(ChooseToken(draft=DRAFT, usdt=usdt) for usdt in (False, True)),
    *(CountOwn(draft=DRAFT, own=own) for own in (False, True)),
    ChooseTransfers(draft=DRAFT, transfers=10**9),
    ChooseDuration(draft=DRAFT, seconds=365 * 24 * 3600),
    PlaceOrder(quote=LARGEST_UUID, draft=DRAFT),
    *(OrderTap(order=LARGEST_UUID, do=do) for do in Do),
    ExtendBy(order=LARGEST_UUID, seconds=365 * 24 * 3600, sun=10**12),
    OrdersPage(page=10**9),
    *(Choose(payment=LARGEST_ID, choice=choice) for choice in Choice),
    PayOut(to=address("ann")),
    PayOutNow(to=address("ann"), sun=10**17),
    Prove(address=address("ann")),
    *(KeyTap(key=LARGEST_UUID, do=do) for do in KeyDoing),
    *(ShapeKey(draft=DRAFT, part=part) for part in KeyPart),
    LookAtHeld(payment=LARGEST_ID),
    LookAtHeld(),
    Nothing(),
    *(Enter(room=room) for room in Room),
    Sure(nonce=secrets.token_urlsafe(12)),
    NoReason(),
    NeverMind(),
    OrdersAt(page=LARGEST_ID),
    *(FoundOrders.at(10**9 - 1, wanted) for wanted in SOUGHT),
    FindOrders(),
    LookAtOrder(order=LARGEST_ID),
    OrderTimes(order=10**12, page=LARGEST_ID),
    *(DoWithOrder(order=LARGEST_ID, doing=doing) for doing in OrderDoing),
    PickPool(order=LARGEST_ID, pool=address("pool")),
    HeldAt(page=LARGEST_ID),
    *(Decide(payment=LARGEST_ID, doing=doing) for doing in HeldDoing),
    AssignTo(payment=LARGEST_ID, order=LARGEST_ID),
    Approve(refund=LARGEST_ID),
    LookAtPool(pool=address("ann")),
    PoolsPage(page=10**6 - 1),
    *(ChangePool(pool=address("ann"), what=what) for what in PoolChange),
    AddPool(),
    ChoosePoolKey(key=address("ann")),
    *(NewPool(step=step) for step in PoolStep),
    LookAtPrice(seconds=10**9 - 1),
    PriceHistory(seconds=10**9 - 1),
    ChangePrice(seconds=10**9 - 1),
    RemovePrice(seconds=10**9 - 1),
    AddPrice(),
    NudgePrice(by=-100),
    *(EditPrice(what=what) for what in PriceEdit),
    LookAtPerson(person=LARGEST_ID),
    OrdersOfPerson(person=LARGEST_ID, page=10**9 - 1),
    *(
        ChangePerson(person=LARGEST_ID, what=what)
        for what in (PersonChange.BALANCE, PersonChange.BAN)
    ),
    KeysOfPerson(person=LARGEST_ID),
    LookAtKey(key=LARGEST_UUID),
    NewKeyFor(person=LARGEST_ID),
    *(ShapeKeyFor(person=LARGEST_ID, part=part) for part in KeyPart),
    RevokeKeyOf(key=LARGEST_UUID),
    NewBroadcast(),
    LookAtBroadcast(broadcast=LARGEST_ID),
    *(
        Aim(broadcast=LARGEST_ID, language=language, activity=Activity.NEVER_PAID)
        for language in (None, Language.ZH)
    ),
    Steer(broadcast=LARGEST_ID, do=Steering.START),
    SwitchMaintenance(closed=True),
    WriteWords(language=Language.EN),
    UsualWords(language=Language.EN),
    LookAtLog(before=LARGEST_ID, actor=LARGEST_ID, like=LARGEST_ID),
    LookAtEntry(entry=LARGEST_ID, actor=LARGEST_ID, like=LARGEST_ID),
    SearchLog(person=False),
    LookAtRisky(order=LARGEST_ID),
    DecideRisky(order=LARGEST_ID, allow=True),
    LookAtListed(listed=LARGEST_ID),
    AskListed(),
    Unlist(listed=LARGEST_ID),
    LookAtSetting(key=LONGEST_KEY),
    ChangeSetting(key=LONGEST_KEY),
    SwitchSetting(key=LONGEST_KEY, on=True),
    ResetSetting(key=LONGEST_KEY),
    *(Acknowledge(alert=LARGEST_ID, room=room) for room in (False, True)),
    *(ShowReport(span=span, day=day) for span in SpanKind for day in (None, 803_534)),
    *(TakeBook(book=book, span=span, day=803_534) for book in Book for span in SpanKind),
]


@pytest.mark.parametrize("data", LONGEST, ids=lambda data: type(data).__name__)
def test_it_fits_and_comes_back(data: CallbackData) -> None:
    packed = data.pack()
    assert len(packed.encode()) <= 64
    assert type(data).unpack(packed) == data


@pytest.mark.parametrize("wanted", SOUGHT)
def test_a_page_of_hits_knows_what_was_looked_for(wanted: Wanted) -> None:
    assert FoundOrders.unpack(FoundOrders.at(2, wanted).pack()).wanted == wanted


@pytest.mark.parametrize("sought", ["", "=", "=x", "=é", "=" + "A" * 40, "@", "hello"])
def test_a_made_up_search_looks_for_nothing(sought: str) -> None:
    assert FoundOrders(page=1, sought=sought).wanted is None


def test_all_kinds_are_here_and_have_prefixes_of_their_own() -> None:
    kinds = {
        kind
        for kind in vars(callbacks).values()
        if isinstance(kind, type) and issubclass(kind, CallbackData) and kind is not CallbackData
    }
    kinds |= set(access.kinds())
    assert kinds == {type(data) for data in LONGEST}
    assert len({kind.__prefix__ for kind in kinds}) == len(kinds)


def test_only_the_offices_prefixes_begin_with_its_sign() -> None:
    for data in LONGEST:
        assert data.pack().startswith("~") == isinstance(data, OfficeTap)


def test_the_id_of_a_draft_has_no_separator_in_it() -> None:
    for _ in range(200):
        assert ":" not in Draft(recipient=address("ann")).id
    assert ":" not in secrets.token_urlsafe(64)


@pytest.mark.parametrize("payment", ["0", "-1", str(2**63), "1.5", "", "x"])
def test_an_id_that_no_row_can_have_is_no_id(payment: str) -> None:
    """The database would refuse it, and the customer would read of trouble on our side."""
    kinds: dict[type[CallbackData], str] = {
        Choose: f"c:{payment}:credit",
        Decide: f"~d:{payment}:c",
        Approve: f"~f:{payment}",
        ExtendBy: f"x:{LARGEST_UUID.hex}:3600:{payment}",
    }
    for kind, forged in kinds.items():
        with pytest.raises((ValidationError, TypeError)):
            kind.unpack(forged)
