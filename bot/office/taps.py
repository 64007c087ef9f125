"""What the office's buttons carry. Their prefixes begin with ``~``: the office's alone do.

As everywhere, what arrives may come from any client. Whether somebody may tap at all is decided by
`right`, in one place (`bot/office/access.py`), before a handler sees the tap.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from enum import StrEnum
from typing import Annotated, ClassVar, Self
from uuid import UUID

from aiogram.filters.callback_data import CallbackData
from pydantic import Field

from bot.callbacks import KeyPart, Positive
from services.acts import RIGHT_FOR, Act
from services.broadcasts import Activity
from services.customers import Language
from services.exports import Book
from services.order_search import Numbered, Txid, Username, Wanted, read_wanted
from services.spans import SpanKind
from services.staff import Right

OFFICE = "~"

DayNumber = Annotated[int, Field(ge=730_120, le=803_534)]
"""A day of the years 2000 to 2200, as `date.toordinal` counts them."""


class OfficeTap(CallbackData, prefix=OFFICE):
    """A button of the office. `needs` is the right for all of a kind."""

    needs: ClassVar[Right] = Right.LOOK

    @property
    def right(self) -> Right:
        """What one has to be allowed, to tap this one."""
        return self.needs


class Room(StrEnum):
    """Where a button of the office leads."""

    TODAY = "t"
    ORDERS = "o"
    HELD = "h"
    REFUNDS = "f"
    POOLS = "p"
    PRICES = "c"
    USERS = "u"
    BROADCAST = "b"
    MAINTENANCE = "m"
    RISK = "k"
    SETTINGS = "s"
    LOG = "l"
    ALERTS = "a"
    REPORTS = "r"


ROOM_RIGHTS = {
    Room.USERS: Right.PEOPLE,
    Room.BROADCAST: Right.BROADCAST,
    Room.SETTINGS: Right.SETTINGS,
    Room.LOG: Right.LOG,
}
"""Where looking is not enough."""


class Enter(OfficeTap, prefix="~e"):
    """Into a room."""

    room: Room

    @property
    def right(self) -> Right:
        return ROOM_RIGHTS.get(self.room, Right.LOOK)


class Sure(OfficeTap, prefix="~y"):
    """Yes, do it: takes the proposal that the nonce stands for, which has a right of its own."""

    nonce: str


class NoReason(OfficeTap, prefix="~n"):
    """Go on without saying why."""


class NeverMind(OfficeTap, prefix="~x"):
    """Leave the question open and do nothing."""


class Doing(StrEnum):
    """What a button begins; some ask for more first. Its value is what the button carries."""

    act: Act

    def __new__(cls, value: str, act: Act) -> Self:
        doing = str.__new__(cls, value)
        doing._value_ = value
        doing.act = act
        return doing

    @property
    def right(self) -> Right:
        return RIGHT_FOR[self.act]


# Orders


class OrdersAt(OfficeTap, prefix="~op"):
    """A page of all orders, the newest first."""

    page: Positive


class FindOrders(OfficeTap, prefix="~os"):
    """Asks what to look for."""


class FoundOrders(OfficeTap, prefix="~of"):
    """A page of what was found; `sought` is what was looked for, as short as a button needs it."""

    page: Annotated[int, Field(ge=1, lt=10**9)]
    sought: str

    @classmethod
    def at(cls, page: int, wanted: Wanted) -> FoundOrders:
        match wanted:
            case Txid(txid):
                # Its 64 digits are all that a button may carry.
                sought = _TXID + urlsafe_b64encode(bytes.fromhex(txid)).decode().rstrip("=")
            case Username(name):
                sought = f"@{name}"
            case Numbered(value, marked):
                sought = f"#{value}" if marked else str(value)
            case _:
                sought = str(wanted)
        return cls(page=page, sought=sought)

    @property
    def wanted(self) -> Wanted | None:
        """What was looked for; None if somebody made it up."""
        if not self.sought.startswith(_TXID):
            return read_wanted(self.sought)
        try:
            return read_wanted(urlsafe_b64decode(self.sought.removeprefix(_TXID) + "=").hex())
        except ValueError:
            return None


_TXID = "="


class LookAtOrder(OfficeTap, prefix="~o"):
    """The card of the order with this number."""

    order: Positive


class OrderTimes(OfficeTap, prefix="~ot"):
    """A page of what happened to an order."""

    order: Positive
    page: Positive


class OrderDoing(Doing):
    """What to do with an order; some ask for more first."""

    RETRY = "r", Act.RETRY_ORDER
    POOL = "p", Act.DELIVER_BY_POOL
    REFUND = "b", Act.REFUND_ORDER
    CREDIT = "c", Act.CREDIT_ORDER
    EXTEND = "x", Act.EXTEND_ORDER
    END = "e", Act.END_ORDER
    END_WITH_SHARE = "s", Act.END_ORDER


class DoWithOrder(OfficeTap, prefix="~oa"):
    """Begin something with an order."""

    order: Positive
    doing: OrderDoing

    @property
    def right(self) -> Right:
        return self.doing.right


class PickPool(OfficeTap, prefix="~oq"):
    """Deliver an order by this pool."""

    needs = RIGHT_FOR[Act.DELIVER_BY_POOL]

    order: Positive
    pool: str


# Held payments and refunds


class LookAtHeld(OfficeTap, prefix="~h"):
    """A held payment; without one, all of them."""

    payment: Positive | None = None


class HeldAt(OfficeTap, prefix="~hp"):
    """A page of the held payments."""

    page: Positive


class HeldDoing(Doing):
    """What to do with a held payment; some ask for more first."""

    ASSIGN = "a", Act.ASSIGN_PAYMENT
    DELIVER = "d", Act.DELIVER_PAYMENT
    FLASH = "f", Act.FLASH_PAYMENT
    CREDIT = "c", Act.CREDIT_PAYMENT
    CREDIT_SENDER = "s", Act.CREDIT_PAYMENT_TO
    CREDIT_OTHER = "o", Act.CREDIT_PAYMENT_TO
    REFUND = "r", Act.REFUND_PAYMENT
    KEEP = "k", Act.KEEP_PAYMENT


class Decide(OfficeTap, prefix="~d"):
    """Begin to decide about a held payment."""

    payment: Positive
    doing: HeldDoing

    @property
    def right(self) -> Right:
        return self.doing.right


class AssignTo(OfficeTap, prefix="~dj"):
    """Let a held payment pay this order."""

    needs = RIGHT_FOR[Act.ASSIGN_PAYMENT]

    payment: Positive
    order: Positive


class Approve(OfficeTap, prefix="~f"):
    """Begin to allow a refund above the cap."""

    needs = RIGHT_FOR[Act.APPROVE_REFUND]

    refund: Positive


# Pools


class LookAtPool(OfficeTap, prefix="~p"):
    pool: str


class PoolsPage(OfficeTap, prefix="~pp"):
    page: Annotated[int, Field(ge=0, lt=10**6)]


class PoolChange(StrEnum):
    """What can be changed about a pool."""

    ENABLE = "e"
    DRAIN = "d"
    DISABLE = "x"
    RESERVE = "r"
    CAP = "c"
    HOURLY = "h"
    PRIORITY = "p"
    COST = "k"


class ChangePool(OfficeTap, prefix="~pc"):
    """Ask for what something about a pool shall be, or why its state shall change."""

    needs = Right.POOLS

    pool: str
    what: PoolChange


class AddPool(OfficeTap, prefix="~pa"):
    """Ask for the address of a new pool."""

    needs = Right.POOLS


class ChoosePoolKey(OfficeTap, prefix="~pk"):
    """This key of ours shall sign for the new pool."""

    needs = Right.POOLS

    key: str


class PoolStep(StrEnum):
    """A step on the way to a new pool."""

    LOOK_AGAIN = "l"
    RISK = "r"
    NO_RESERVE = "n"


class NewPool(OfficeTap, prefix="~pn"):
    """On with the new pool that is being asked about."""

    needs = Right.POOLS

    step: PoolStep


# Prices


Seconds = Annotated[int, Field(ge=1, lt=10**9)]


class LookAtPrice(OfficeTap, prefix="~c"):
    """The prices of a duration."""

    seconds: Seconds


class PriceHistory(OfficeTap, prefix="~ch"):
    """From when to when a duration cost what."""

    seconds: Seconds


class ChangePrice(OfficeTap, prefix="~cc"):
    """Begin a new price for a duration."""

    needs = Right.PRICES

    seconds: Seconds


class RemovePrice(OfficeTap, prefix="~cr"):
    """Take a duration from sale."""

    needs = Right.PRICES

    seconds: Seconds


class AddPrice(OfficeTap, prefix="~ca"):
    """Sell another duration."""

    needs = Right.PRICES


class NudgePrice(OfficeTap, prefix="~cn"):
    """A little more or less than the price that is being typed, in sun per energy."""

    needs = Right.PRICES

    by: Annotated[int, Field(ge=-100, le=100)]


class PriceEdit(StrEnum):
    """What to do with the price that is being typed."""

    MINIMUM = "m"
    STEPS = "s"
    START = "f"
    AT_ONCE = "n"
    BACK = "b"
    PUBLISH = "p"


class EditPrice(OfficeTap, prefix="~ce"):
    """On with the price that is being typed."""

    needs = Right.PRICES

    what: PriceEdit


# People


class LookAtPerson(OfficeTap, prefix="~u"):
    """Somebody's card."""

    needs = Right.PEOPLE

    person: Positive


class OrdersOfPerson(OfficeTap, prefix="~uo"):
    """A page of somebody's orders."""

    needs = Right.PEOPLE

    person: Positive
    page: Annotated[int, Field(ge=1, lt=10**9)]


class PersonChange(StrEnum):
    """What can be done about somebody."""

    BALANCE = "b"
    NOTE = "n"
    DAY = "d"
    OPEN = "o"
    BAN = "x"
    UNBAN = "u"


class ChangePerson(OfficeTap, prefix="~uc"):
    """Begin to do something about somebody."""

    needs = Right.PEOPLE

    person: Positive
    what: PersonChange

    @property
    def right(self) -> Right:
        return Right.PAY if self.what is PersonChange.BALANCE else self.needs


class KeysOfPerson(OfficeTap, prefix="~ui"):
    """What lets somebody's programs in."""

    needs = Right.PEOPLE

    person: Positive


class LookAtKey(OfficeTap, prefix="~uk"):
    """An API key of somebody's."""

    needs = Right.PEOPLE

    key: UUID


class NewKeyFor(OfficeTap, prefix="~un"):
    """Begin a new API key for somebody."""

    needs = Right.KEYS

    person: Positive


class ShapeKeyFor(OfficeTap, prefix="~us"):
    """Change the key that is being made for somebody, or make it."""

    needs = Right.KEYS

    person: Positive
    part: KeyPart


class RevokeKeyOf(OfficeTap, prefix="~ur"):
    """Begin to revoke somebody's API key."""

    needs = RIGHT_FOR[Act.REVOKE_KEY]

    key: UUID


# Broadcasts


class NewBroadcast(OfficeTap, prefix="~bn"):
    """Write a message for many people."""

    needs = Right.BROADCAST


class LookAtBroadcast(OfficeTap, prefix="~b"):
    """How far it is."""

    needs = Right.BROADCAST

    broadcast: Positive


class Aim(OfficeTap, prefix="~ba"):
    """For whom a draft is; without a language, for those of every one."""

    needs = Right.BROADCAST

    broadcast: Positive
    language: Language | None
    activity: Activity


class Steering(StrEnum):
    """What can be done with a broadcast."""

    PREVIEW = "v"
    START = "s"
    PAUSE = "p"
    GO_ON = "g"
    CANCEL = "x"


class Steer(OfficeTap, prefix="~bs"):
    needs = Right.BROADCAST

    broadcast: Positive
    do: Steering


# Maintenance, settings, risk, log


class SwitchMaintenance(OfficeTap, prefix="~ms"):
    """Stop new orders, or take them again."""

    needs = Right.MAINTENANCE

    closed: bool


class WriteWords(OfficeTap, prefix="~mw"):
    """Write what customers of one language read meanwhile."""

    needs = Right.MAINTENANCE

    language: Language


class UsualWords(OfficeTap, prefix="~mu"):
    """Let them read what is always said."""

    needs = Right.MAINTENANCE

    language: Language


class LookAtLog(OfficeTap, prefix="~lp"):
    """The log, older than an entry: of one person, about the same as the entry `like`."""

    needs = Right.LOG

    before: Positive | None = None
    actor: Positive | None = None
    like: Positive | None = None


class LookAtEntry(OfficeTap, prefix="~le"):
    """One entry of the log, and the page that it was found on."""

    needs = Right.LOG

    entry: Positive
    actor: Positive | None = None
    like: Positive | None = None


class SearchLog(OfficeTap, prefix="~ls"):
    """Ask of which person, or about what."""

    needs = Right.LOG

    person: bool


class LookAtRisky(OfficeTap, prefix="~ko"):
    """An order that waits for a person, by its number."""

    order: Positive


class DecideRisky(OfficeTap, prefix="~kd"):
    """Deliver it, or turn it down."""

    needs = Right.PAY

    order: Positive
    allow: bool


class LookAtListed(OfficeTap, prefix="~kl"):
    """Somebody on the blacklist."""

    listed: Positive


class AskListed(OfficeTap, prefix="~ka"):
    """Ask whom to look for on the blacklist, or to put there."""

    needs = Right.PEOPLE


class Unlist(OfficeTap, prefix="~ku"):
    """Take somebody off it."""

    needs = Right.PEOPLE

    listed: Positive


class LookAtSetting(OfficeTap, prefix="~sk"):
    """One setting, by its name."""

    needs = Right.SETTINGS

    key: str


class ChangeSetting(OfficeTap, prefix="~sc"):
    """Ask for another value of it."""

    needs = Right.SETTINGS

    key: str


class SwitchSetting(OfficeTap, prefix="~sw"):
    """Switch it on or off."""

    needs = Right.SETTINGS

    key: str
    on: bool


class ResetSetting(OfficeTap, prefix="~sr"):
    """Let the file's value count again."""

    needs = Right.SETTINGS

    key: str


# Alerts


class Acknowledge(OfficeTap, prefix="~ak"):
    """Somebody looks after an alert; `room`: it was tapped in the room of all of them."""

    needs = Right.SERVE

    alert: Positive
    room: bool = False


# Reports


class ShowReport(OfficeTap, prefix="~rp"):
    """The report of a day, week or month: the one that runs, or that of a `day`."""

    span: SpanKind
    day: DayNumber | None = None


class TakeBook(OfficeTap, prefix="~rx"):
    """The books of a span as files; `day` is its first."""

    needs = Right.EXPORT

    book: Book
    span: SpanKind
    day: DayNumber
