"""What the staff read about people: which lines, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.notation import Notation, joined, lines, section
from chain.addresses import Address
from services.customers import Language
from services.order_views import OrderView, Stage
from services.orders import OrderPage
from services.people import Bound, Found, FoundPeople, Person

_LONGEST_NAME = 64
_LONGEST_LABEL = 40


class PeopleWords(Protocol):
    """The words of one language."""

    adjust_button: str
    ban_button: str
    unban_button: str
    note_button: str
    orders_button: str
    cannot_ban_staff: str
    """A toast, as is the next one."""
    nobody_like_that: str

    _ask: tuple[str, str]
    """What to type, and what it can be."""
    _found: str
    _more: str
    _languages: ClassVar[Mapping[Language, str]]
    _stages: ClassVar[Mapping[Stage, str]]
    _bounds: ClassVar[Mapping[Bound, str]]
    _bound_buttons: ClassVar[Mapping[Bound, str]]
    _language: str
    _since: str
    _seen: str
    _blocked: str
    _banned: str
    _because: str
    _note: str
    _balance: str
    _spent: str
    _orders: str
    _latest: str
    _addresses: str
    _proved: str
    _paid_from: str
    _own_bounds: str
    _no_orders: str
    _ask_amount: tuple[str, str]
    _amount_unclear: str
    _not_below_zero: str
    _ask_note: str
    _note_taken_away: str
    _ask_bound: ClassVar[Mapping[Bound, str]]
    _bound_unclear: str
    _everybodys: str
    _note_will_be: str
    _will_hear: str
    _ban_means: tuple[str, ...]
    _unban_means: str

    def _counts(self, person: Person) -> str: ...
    def _banned_by(self, actor_id: int) -> str: ...
    def _orders_of(self, name: str, page: int, pages: int) -> str: ...
    def _balance_becomes(self, before: str, after: str) -> str: ...
    def _goes_on(self, waiting: int, under_way: int) -> str: ...
    def _bound_becomes(self, bound: str, before: str, after: str) -> str: ...


class PeopleTexts(Notation, PeopleWords):
    """Finding people, their card, and what is done about them."""

    def bound_button(self, bound: Bound) -> str:
        return self._bound_buttons[bound]

    def found_button(self, found: Found) -> str:
        return _cut(_named(found.id, found.first_name, found.username), _LONGEST_LABEL)

    def ask(self) -> Text:
        what, how = self._ask
        return lines(Bold(what), how)

    def nobody(self) -> Text:
        _, how = self._ask
        return lines(Bold(self.nobody_like_that), how)

    def found(self, found: FoundPeople) -> Text:
        return lines(Bold(self._found), self._more if found.more else None)

    # A person

    def person(self, person: Person) -> Text:
        return lines(
            Bold(_name(person)),
            self._line(self._id, self.copied(str(person.id))),
            self._line(self._language, self._languages[person.language]),
            self._line(self._since, self.date(person.since)),
            self._line(self._seen, self.date(person.seen_at)),
            *self._standing(person),
            *section(self._balance, [self.copied(exact_trx(person.balance_sun))]),
            "",
            self._line(self._spent, self.about_trx(person.spent_sun)),
            self._line(self._orders, self._counts(person)),
            *section(self._latest, [self._order_line(order) for order in person.newest]),
            *section(self._addresses, [self._address(person, each) for each in self._all(person)]),
            *section(self._paid_from, [self.address(each) for each in person.payers]),
            *section(self._own_bounds, self._bounds_of(person)),
            *section(self._note, [_one_line(person.note)] if person.note else []),
        )

    _id: ClassVar[str] = "Telegram"

    def _line(self, title: str, value: Text | str) -> Text:
        return Text(f"{title}{self.colon}", value)

    @staticmethod
    def _all(person: Person) -> list[Address]:
        return [saved.address for saved in person.addresses]

    def _address(self, person: Person, address: Address) -> Text:
        opening, closing = self.brackets
        proved = f"{opening}{self._proved}{closing}" if address in person.bound else ""
        return Text(self.address(address), proved)

    def _standing(self, person: Person) -> list[Text | str]:
        rows: list[Text | str] = []
        if person.blocked_at is not None:
            rows.append(f"🔕 {self._blocked}{self.colon}{self.date(person.blocked_at)}")
        if person.banned_at is not None:
            opening, closing = self.brackets
            who = person.banned_by
            by = "" if who is None else f"{opening}{self._banned_by(who)}{closing}"
            rows.append(f"⛔ {self._banned}{self.colon}{self.date(person.banned_at)}{by}")
            if person.ban_reason:
                rows.append(f"{self._because}{self.colon}{_one_line(person.ban_reason)}")
        return rows

    def _bounds_of(self, person: Person) -> list[Text | str]:
        own = {Bound.DAY: person.day_limit, Bound.OPEN: person.open_limit}
        return [
            f"{self._bounds[bound]}{self.colon}{self.number(most)}"
            for bound, most in own.items()
            if most is not None
        ]

    def _order_line(self, order: OrderView) -> Text:
        return Text(
            self.number_sign,
            self.copied(str(order.number)),
            f" · {self._stages[order.stage]} · {self.about_trx(order.amount_sun)}"
            f" · {self.day_and_time(order.ordered_at)}",
        )

    def orders(self, person: Person, page: OrderPage) -> Text:
        """Every order of a page: its number to be copied, where it stands, what it costs."""
        if not page.orders:
            return lines(Bold(_name(person)), self._no_orders)
        return lines(
            Bold(self._orders_of(_name(person), page.page, page.pages)),
            "",
            *(self._order_line(order) for order in page.orders),
        )

    # Questions

    def ask_amount(self, person: Person) -> Text:
        what, how = self._ask_amount
        return lines(self._about(person), "", Bold(what), how)

    def amount_unclear(self) -> Text:
        _, how = self._ask_amount
        return lines(self._amount_unclear, how)

    def not_below_zero(self, balance_sun: int) -> Text:
        return lines(self._not_below_zero, self._line(self._balance, exact_trx(balance_sun)))

    def ask_note(self, person: Person) -> Text:
        return lines(self._about(person), "", Bold(self._ask_note))

    def ask_bound(self, person: Person, bound: Bound) -> Text:
        return lines(self._about(person), "", Bold(self._ask_bound[bound]))

    def bound_unclear(self) -> Text:
        return Text(self._bound_unclear)

    def _about(self, person: Person) -> Text:
        return joined(" · ", [Bold(_name(person)), self.copied(str(person.id))])

    # Consequences

    def adjust_means(self, person: Person, sun: int) -> Text:
        before, after = person.balance_sun, person.balance_sun + sun
        return lines(
            self._about(person),
            Bold(f"{self.signed(sun)} TRX"),
            self._balance_becomes(exact_trx(before), exact_trx(after)),
            self._will_hear,
        )

    def ban_means(self, person: Person) -> Text:
        return lines(
            self._about(person), *self._ban_means, self._goes_on(person.waiting, person.under_way)
        )

    def unban_means(self, person: Person) -> Text:
        return lines(self._about(person), self._unban_means)

    def note_means(self, person: Person, words: str) -> Text:
        if not words:
            return lines(self._about(person), self._note_taken_away)
        return lines(self._about(person), self._note_will_be, _one_line(words))

    def bound_means(self, person: Person, bound: Bound, most: int | None) -> Text:
        was = person.day_limit if bound is Bound.DAY else person.open_limit
        return lines(
            self._about(person),
            self._bound_becomes(self._bounds[bound], self._bound(was), self._bound(most)),
        )

    def _bound(self, most: int | None) -> str:
        return self._everybodys if most is None else self.number(most)


def _name(person: Person) -> str:
    return _named(person.id, person.first_name, person.username)


def _named(user_id: int, first_name: str, username: str | None) -> str:
    name = _cut(_one_line(first_name), _LONGEST_NAME) or str(user_id)
    return f"{name} @{username}" if username else name


def _one_line(words: str) -> str:
    """What somebody wrote, without line breaks and repeated spaces."""
    return " ".join(words.split())


def _cut(words: str, longest: int) -> str:
    """At most so many characters, of which a message counts two for some."""
    while len(words.encode("utf-16-le")) // 2 > longest:
        words = words[:-2].rstrip() + "…" if len(words) > 1 else ""
    return words
