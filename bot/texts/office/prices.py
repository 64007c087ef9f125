"""What the office says about prices: which lines, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import SUN_PER_TRX
from bot.texts.notation import Notation, lines, section
from db.prices import PriceRow
from services.acts import Act
from services.price_keeping import PriceBoard, PriceDraft, PriceFault, PriceSpan, PriceView
from services.price_preview import Sample, change_percent

_STEPS_IN_THE_TABLE = 2


class PricesWords(Protocol):
    """The words of one language. What stands in braces is filled in."""

    add_button: str
    change_button: str
    remove_button: str
    history_button: str
    _edits: ClassVar[Mapping[str, str]]
    """The buttons below a price that is being typed."""

    _title: str
    _and_more: str
    _price: str
    _step: str
    _valid_until: str
    _planned_from: str
    _not_now: str
    _surge_title: str
    _surge_step: str
    _surge_now: str
    _surge_unknown: str
    _not_for_sale: str

    _customers_pay: str
    _sample: str
    _sample_change: str
    _burning: str
    _costs: str
    _loses: str
    _dearer: str

    _new_price: str
    _was: str
    _begins_at_once: str
    _begins: str
    _withdraws: str
    _type_sun: str
    _new_duration: str
    _asks: ClassVar[Mapping[str, str]]
    _ask_duration: str
    _ask_new_sun: str
    _sold_already: str
    _faults: ClassVar[Mapping[PriceFault, str]]
    _quotes_keep: str
    _about_removal: str
    _still_on_sale: str
    _done: ClassVar[Mapping[Act, str]]

    _history_title: str
    _no_history: str
    _always: str
    _since: str
    _until: str
    _by: str
    _by_configuration: str
    _was_not_sold: str
    _older: str


class PricesTexts(Notation, PricesWords):
    """The table, a duration's card, a new price, and what was before."""

    def duration_button(self, duration: timedelta) -> str:
        return self.duration(duration)

    def edit_button(self, what: str) -> str:
        return self._edits[what]

    # Looking

    def overview(self, board: PriceBoard, shown: Sequence[PriceView]) -> Text:
        said: list[Text | str] = [Bold(self._title)]
        for view in shown:
            said += ["", Bold(self.duration(view.duration)), *self._brief_lines(view)]
        if left := len(board.views) - len(shown):
            said += ["", self._and_more.format(self.number(left))]
        steps = sorted(board.surge, key=lambda step: -step.free_percent)
        surge: list[Text | str] = [
            self._surge_step.format(step.free_percent, step.add_percent) for step in steps
        ]
        if surge:
            now = board.surge_percent
            surge.append(self._surge_unknown if now is None else self._surge_now.format(now))
        return lines(*said, *section(self._surge_title, surge))

    def _brief_lines(self, view: PriceView) -> list[Text | str]:
        """The same for the table: of steps the first ones, of plans the next."""
        said: list[Text | str] = []
        if view.now is None:
            said.append(self._not_now)
        else:
            price, *steps = self._draft_lines(PriceDraft.of(view.now))
            said.append(price)
            if steps:
                more = " …" if len(steps) > _STEPS_IN_THE_TABLE else ""
                said.append("; ".join(steps[:_STEPS_IN_THE_TABLE]) + more)
            if view.now.valid_until is not None:
                said.append(Text(self._valid_until, self.moment(view.now.valid_until)))
        for row in view.planned[:1]:
            if row.valid_from is not None:
                said.append(Text(self._planned_from, self.moment(row.valid_from)))
            said.append(self._draft_lines(PriceDraft.of(row))[0])
        return said

    def _view_lines(self, view: PriceView) -> list[Text | str]:
        said: list[Text | str] = []
        if view.now is None:
            said.append(self._not_now)
        else:
            said += self._row_lines(view.now)
        for row in view.planned:
            if row.valid_from is not None:
                said.append(Text(self._planned_from, self.moment(row.valid_from)))
            said += self._row_lines(row)
        return said

    def _row_lines(self, row: PriceRow) -> list[Text | str]:
        said: list[Text | str] = list(self._draft_lines(PriceDraft.of(row)))
        if row.valid_until is not None:
            said.append(Text(self._valid_until, self.moment(row.valid_until)))
        return said

    def _draft_lines(self, draft: PriceDraft) -> list[str]:
        return [
            self._price.format(self.number(draft.sun_per_energy), self._trx(draft.minimum_sun)),
            *(
                self._step.format(self.number(energy), self.number(sun))
                for energy, sun in draft.steps
            ),
        ]

    def card(self, view: PriceView, samples: Sequence[Sample]) -> Text:
        return lines(
            Bold(self.duration(view.duration)),
            *self._view_lines(view),
            *section(self._customers_pay, self._sample_lines(samples)),
        )

    def not_for_sale(self) -> Text:
        return Text(self._not_for_sale)

    def _sample_lines(self, samples: Sequence[Sample]) -> list[Text | str]:
        said: list[Text | str] = []
        for one in samples:
            count, after = self.number(one.transfers), self.price(one.after_sun)
            if one.before_sun is None or one.before_sun == one.after_sun:
                line = self._sample.format(count, after)
            else:
                percent = change_percent(one.before_sun, one.after_sun)
                signed = f"+{percent}" if percent >= 0 else f"−{-percent}"
                line = self._sample_change.format(count, self.price(one.before_sun), after, signed)
            said.append(line + self._burning.format(self.about_trx(one.burn_sun)))
        costs = [one for one in samples if one.cost_sun is not None]
        if costs and costs[0].cost_sun is not None:
            said.append(self._costs.format(self.price(costs[0].cost_sun)))
        if any(one.loses for one in samples):
            said.append(f"🚨 {self._loses}")
        if any(one.is_dearer_than_burning for one in samples):
            said.append(f"⚠️ {self._dearer}")
        return said

    # A new price

    def described(
        self, draft: PriceDraft, view: PriceView | None, samples: Sequence[Sample]
    ) -> Text:
        """A price that somebody types: what it is, what it was, and what it would mean."""
        now = view.now if view is not None else None
        said: list[Text | str] = [
            Bold(self._new_price.format(self.duration(draft.duration))),
            *self._draft_lines(draft),
        ]
        if draft.start is None:
            said.append(self._begins_at_once)
        else:
            said.append(Text(self._begins, self.moment(draft.start)))
        if now is not None:
            said += ["", Bold(self._was), *self._row_lines(now)]
        for row in view.planned if view is not None else ():
            since = row.valid_from
            if since is not None and (draft.start is None or since >= draft.start):
                said.append(Text(f"⚠️ {self._withdraws}", self.moment(since)))
        return lines(*said, *section(self._customers_pay, self._sample_lines(samples)))

    def editing(self, described: Text, fault: PriceFault | None, *, is_new: bool) -> Text:
        return lines(
            self._new_duration if is_new else None,
            described,
            "",
            f"⚠️ {self._faults[fault]}" if fault is not None else None,
            self._type_sun,
        )

    def ask(self, what: str, draft: PriceDraft) -> Text:
        return lines(
            Bold(self._new_price.format(self.duration(draft.duration))),
            *self._draft_lines(draft),
            "",
            self._asks[what],
        )

    def ask_duration(self) -> Text:
        return Text(self._ask_duration)

    def ask_new_sun(self, duration: timedelta) -> Text:
        return Text(self._ask_new_sun.format(self.duration(duration)))

    def sold_already(self, duration: timedelta) -> str:
        return self._sold_already.format(self.duration(duration))

    def fault(self, fault: PriceFault) -> str:
        return self._faults[fault]

    def meaning_of_change(self, described: Text) -> Text:
        return lines(described, "", self._quotes_keep)

    def about_removal(self, duration: timedelta) -> Text:
        return Text(self._about_removal.format(self.duration(duration)))

    def meaning_of_removal(self, duration: timedelta, left: int) -> Text:
        return lines(
            self._about_removal.format(self.duration(duration)),
            self._still_on_sale.format(self.number(left)),
            self._quotes_keep,
        )

    def done(self, act: Act) -> Text:
        return Text("✅ ", Bold(self._done[act]))

    # What was before

    def history(self, duration: timedelta, spans: Sequence[PriceSpan], *, older: int) -> Text:
        said: list[Text | str] = [Bold(self._history_title.format(self.duration(duration)))]
        if not spans:
            said += ["", self._no_history]
        for span in spans:
            said += ["", *self._span_lines(span)]
        if older:
            said += ["", self._older.format(self.number(older))]
        return lines(*said)

    def _span_lines(self, span: PriceSpan) -> list[Text | str]:
        since = Text(self._since, self.moment(span.since)) if span.since else Text(self._always)
        said: list[Text | str] = [since]
        if span.until is not None:
            said.append(Text(self._until, self.moment(span.until)))
        said += [self._was_not_sold] if span.price is None else self._draft_lines(span.price)
        by = self._by_configuration if span.by is None else self._by.format(span.by)
        said.append(f"{by}{self.comma}{span.reason}" if span.reason else by)
        return said

    def _trx(self, sun: int) -> str:
        whole, rest = divmod(sun, SUN_PER_TRX)
        return f"{self.number(whole)}" + (f".{rest:06}".rstrip("0") if rest else "") + " TRX"
