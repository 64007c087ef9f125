"""What the office says about pools: which lines, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import SUN_PER_TRX, short_address
from bot.texts.notation import Notation, joined, lines, section
from chain.accounts import Account
from chain.addresses import Address
from services.acts import Act
from services.granting import Beyond
from services.key_ring import NamedKey
from services.pool_adding import AddFault, Candidate, GrantNeeded
from services.pool_keeping import WITHOUT_BOUND, Consequence, PoolFigures
from services.pools import PoolState, Trouble

_MARKS = {PoolState.ENABLED: "🟢", PoolState.DRAINING: "🟡", PoolState.DISABLED: "⚪"}


class PoolsWords(Protocol):
    """The words of one language. What stands in braces is filled in."""

    add_button: str
    refresh_button: str
    look_again_button: str
    risk_button: str
    no_reserve_button: str

    _title: str
    _no_pools: str
    _all_free: str
    _row: str
    _page: str
    _changes: ClassVar[Mapping[str, str]]
    """The buttons that change something."""
    _states: ClassVar[Mapping[PoolState, str]]
    _troubles: ClassVar[Mapping[Trouble, str]]
    _terms: ClassVar[Mapping[str, str]]
    _pool: str
    _not_read: str
    _as_of_block: str
    _stake: str
    _can_lend: str
    _lent: str
    _next_back: str
    _recovering: str
    _recovers: str
    _later_title: str
    _later: str
    _fees: str
    _terms_title: str
    _term: str
    _signed_by: str
    _declared: str
    _no_bound: str
    _sun_a_day: str
    _no_such_pool: str

    _about_states: ClassVar[Mapping[Act, str]]
    _meanings: ClassVar[Mapping[Act, str]]
    _rentals_run_on: str
    _energy_change: str
    _energy_unknown: str
    _done: ClassVar[Mapping[Act, str]]
    _ask: ClassVar[Mapping[str, str]]
    """The question for each term."""
    _takes_away: str
    _now: str
    _wrong: ClassVar[Mapping[str, str]]
    """What an answer to each question has to look like."""
    _so_already: str
    _before_after: str

    _ask_address: str
    _wrong_address: str
    _add_faults: ClassVar[Mapping[AddFault, str]]
    _account_has: str
    _nothing_staked: str
    _choose_key: str
    _more_keys: str
    _grant_title: str
    _grant_still: str
    _grant_adds: str
    _grant_keeps: str
    _grant_costs: str
    _grant_too_little: str
    _grant_how: str
    _grant_by_command: str
    _grant_no_room: str
    _key_can_more: str
    _risk_title: str
    _thief_could: str
    _everything: str
    _operations: ClassVar[Mapping[int, str]]
    _other_operations: str
    _better_key: str
    _take_the_risk: str
    _ask_new_reserve: str
    _can_delegate: str
    _meaning_of_adding: str
    _yields: str
    _watched_at_once: str
    _use_the_buttons: str
    _key_taken_away: str
    _key_advice: str


class PoolsTexts(Notation, PoolsWords):
    """The list, the card, the changes, and the way to a new pool."""

    # The list

    def overview(
        self, shown: Sequence[PoolFigures], free_energy: int, page: int, last: int, count: int
    ) -> Text:
        if not count:
            return lines(Bold(self._title), "", self._no_pools)
        return lines(
            Bold(self._title),
            self._all_free.format(self.number(free_energy)),
            "",
            *(self._line(pool) for pool in shown),
            *(("", self._page.format(page + 1, last + 1, self.number(count))) if last else ()),
        )

    def pool_button(self, pool: PoolFigures) -> str:
        return f"{self._mark(pool)} {short_address(pool.address)}"

    def _line(self, pool: PoolFigures) -> str:
        lent = pool.reading.lent_sun if pool.reading else 0
        row = self._row.format(
            short_address(pool.address), self.number(pool.free_energy), self._whole_trx(lent)
        )
        trouble = self._trouble(pool)
        return f"{self._mark(pool)} {row}" + (f"\n⚠️ {trouble}" if trouble else "")

    @staticmethod
    def _mark(pool: PoolFigures) -> str:
        if pool.terms.trouble and pool.terms.state == PoolState.ENABLED:
            return "🔴"
        return _MARKS[PoolState(pool.terms.state)]

    def _trouble(self, pool: PoolFigures) -> str | None:
        return self._troubles[Trouble(pool.terms.trouble)] if pool.terms.trouble else None

    # The card

    def change_button(self, what: str) -> str:
        return self._changes[what]

    def card(self, pool: PoolFigures) -> Text:
        """All about one pool."""
        terms = pool.terms
        trouble = self._trouble(pool)
        return lines(
            Text(Bold(self._pool), self.address(pool.address)),
            f"{self._mark(pool)} {self._states[PoolState(terms.state)]}",
            f"⚠️ {trouble}" if trouble else None,
            *self._stake_lines(pool),
            *section(
                self._terms_title,
                [
                    self._term.format(label, self.value(term, getattr(terms, term)))
                    for term, label in self._terms.items()
                ],
            ),
            "",
            Text(self._signed_by.format(terms.permission_id), self.address(terms.key_address)),
            self._declared if pool.declared else None,
        )

    def _stake_lines(self, pool: PoolFigures) -> list[Text | str]:
        reading = pool.reading
        if reading is None:
            return ["", self._not_read]
        said: list[Text | str] = [
            "",
            self._stake.format(self.trx(reading.stake_sun + reading.lent_sun)),
            self._can_lend.format(self.trx(pool.free_sun), self.number(pool.free_energy)),
            self._lent.format(self.trx(reading.lent_sun), self.number(pool.rentals)),
        ]
        if pool.next_back is not None:
            said.append(Text(self._next_back, self.moment(pool.next_back)))
        if reading.energy_used:
            said.append(
                Text(
                    self._recovering.format(self.number(reading.energy_used)),
                    self._until(reading.recovers_at),
                )
            )
        said.append(
            self._fees.format(
                self.number(reading.staked_bandwidth),
                self.number(reading.free_bandwidth),
                self.trx(reading.balance_sun),
                self.number(pool.transactions),
            )
        )
        said += section(
            self._later_title,
            [
                self._later.format(hours, self.number(energy))
                for hours, energy in pool.later.items()
            ],
        )
        if not pool.fresh:
            said += ["", self._as_of_block.format(self.number(reading.block_number))]
        return said

    def _until(self, moment: datetime) -> Text:
        return Text(self._recovers, self.moment(moment))

    def value(self, term: str, value: int | None) -> str:
        """A term of a pool as people read it."""
        if value is None:
            return self._no_bound
        if term in ("reserve_sun", "cap_sun"):
            return self.trx(value)
        if term == "cost_sun":
            return self._sun_a_day.format(self.number(value))
        return self.number(value) if value >= 0 else f"−{self.number(-value)}"

    def trx(self, sun: int) -> str:
        """An amount to the last sun, without needless zeros."""
        whole, rest = divmod(sun, SUN_PER_TRX)
        return f"{self.number(whole)}" + (f".{rest:06}".rstrip("0") if rest else "") + " TRX"

    def _whole_trx(self, sun: int) -> str:
        return f"{self.number(sun // SUN_PER_TRX)} TRX"

    def no_such_pool(self) -> Text:
        return Text(self._no_such_pool)

    # Changes

    def about_state(self, act: Act, pool: Address) -> Text:
        return Text(self._about_states[act], self.address(pool))

    def about_term(self, term: str, before: int | None, after: int | None, pool: Address) -> Text:
        return lines(Text(Bold(self._pool), self.address(pool)), self._change(term, before, after))

    def ask_term(self, term: str, now: int | None, pool: Address) -> Text:
        return lines(
            Text(Bold(self._pool), self.address(pool)),
            "",
            Bold(self._ask[term]),
            self._now.format(self.value(term, now)),
            "",
            self._wrong[term],
            self._takes_away if term in WITHOUT_BOUND else None,
        )

    def wrong_term(self, term: str) -> Text:
        return lines(
            self._wrong[term],
            self._takes_away if term in WITHOUT_BOUND else None,
        )

    def is_so_already(self, term: str, value: int | None) -> Text:
        return Text(self._so_already.format(self._terms[term], self.value(term, value)))

    def _change(self, term: str, before: int | None, after: int | None) -> str:
        return self._before_after.format(
            self._terms[term], self.value(term, before), self.value(term, after)
        )

    def meaning(self, act: Act, pool: Address, consequence: Consequence) -> Text:
        """What a change does, in numbers."""
        what: list[Text | str] = [Text(Bold(self._pool), self.address(pool))]
        if act is Act.POOL_TERMS:
            what += [
                self._change(term, consequence.before[term], value)
                for term, value in consequence.after.items()
            ]
        else:
            what.append(self._meanings[act])
            if consequence.rentals and act is not Act.POOL_ENABLE:
                what.append(self._rentals_run_on.format(self.number(consequence.rentals)))
        before, after = consequence.energy_before, consequence.energy_after
        if before is None or after is None:
            what.append(self._energy_unknown)
        else:
            what.append(self._energy_change.format(self.number(before), self.number(after)))
        return lines(*what)

    def done(self, act: Act) -> Text:
        return Text("✅ ", Bold(self._done[act]))

    # A new pool

    def ask_address(self) -> Text:
        return Text(self._ask_address)

    def wrong_address(self) -> Text:
        return Text(self._wrong_address)

    def add_refused(self, fault: AddFault) -> Text:
        return Text(self._add_faults[fault])

    def key_button(self, key: NamedKey) -> str:
        name = f"{key.name[:20]} · " if key.name else ""
        return f"🔑 {name}{short_address(key.address)}"

    def choose_key(self, account: Account, *, more: int) -> Text:
        staked = account.frozen_energy_sun + account.delegated_energy_sun
        return lines(
            self.address(account.address),
            *self._account_lines(staked, account.balance_sun),
            "",
            Bold(self._choose_key),
            self._more_keys.format(self.number(more)) if more else None,
        )

    def _account_lines(self, staked_sun: int, balance_sun: int) -> list[str]:
        return [
            self._account_has.format(self.trx(staked_sun), self.trx(balance_sun)),
            *(() if staked_sun else (f"⚠️ {self._nothing_staked}",)),
        ]

    def grant(self, found: Candidate, *, again: bool, fits: bool) -> Text:
        """The one transaction that is missing; its text stands in the message above."""
        needed = found.grant
        assert needed is not None
        if needed.request is None:
            return lines(self._both(found), "", self._grant_no_room)
        return lines(
            Bold(self._grant_still if again else self._grant_title),
            self._both(found),
            "",
            *self._grant_lines(needed),
            f"⚠️ {self._key_can_more}" if found.beyond else None,
            "",
            self._grant_how if fits else self._grant_by_command,
            None if fits else self.copied(f"energy-flash pools add {found.address}"),
        )

    def _both(self, found: Candidate) -> Text:
        return joined(" ← ", [self.address(found.address), self.address(found.key.address)])

    def _grant_lines(self, needed: GrantNeeded) -> list[str]:
        costs = self._grant_costs.format(self.trx(needed.fee_sun), self.trx(needed.balance_sun))
        short = needed.balance_sun < needed.fee_sun
        return [
            f"• {self._grant_adds.format(needed.permission_id)}",
            f"• {self._grant_keeps}",
            f"• {costs}",
            *((f"⚠️ {self._grant_too_little}",) if short else ()),
        ]

    def risk(self, found: Candidate) -> Text:
        """The loud one."""
        return lines(
            Text("🚨 ", Bold(self._risk_title)),
            self._both(found),
            "",
            self._thief_could,
            *(f"• {each}" for each in self._powers(found.beyond)),
            "",
            self._better_key,
            "",
            Bold(self._take_the_risk),
        )

    def _powers(self, beyond: Beyond) -> list[str]:
        if beyond.everything:
            return [self._everything]
        known = [self._operations[each] for each in beyond.operations if each in self._operations]
        others = [str(each) for each in beyond.operations if each not in self._operations]
        if others:
            known.append(self._other_operations.format(self.comma.join(others)))
        return known

    def ask_new_reserve(self, found: Candidate) -> Text:
        return lines(
            self._both(found),
            f"⚠️ {self._key_can_more}"
            if found.beyond
            else self._can_delegate.format(found.permission_id),
            *self._account_lines(found.staked_sun, found.balance_sun),
            "",
            Bold(self._ask_new_reserve),
            self._wrong["reserve_sun"],
        )

    def meaning_of_adding(self, found: Candidate, reserve_sun: int, energy: int | None) -> Text:
        return lines(
            self._meaning_of_adding,
            self._both(found),
            *self._account_lines(found.staked_sun, found.balance_sun),
            self._term.format(self._terms["reserve_sun"], self.trx(reserve_sun)),
            None if energy is None else self._yields.format(self.number(energy)),
            f"🚨 {self._key_can_more}" if found.beyond else None,
            self._watched_at_once,
        )

    def use_the_buttons(self) -> Text:
        return Text(self._use_the_buttons)

    def key_taken_away(self) -> Text:
        return lines(Text("🚨 ", Bold(self._key_taken_away)), self._key_advice)
