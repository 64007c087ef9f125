"""What is said about alerts: which lines, and when; a language has the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import clock
from bot.texts.notation import Notation, lines
from services.alerts import Alert, AlertKind, AlertLook
from services.order_views import OrderView

_MOST_BELLS = 5
_MINUTE = timedelta(minutes=1)


class AlertWords(Protocol):
    """The words of one language."""

    acknowledge_button: str
    acknowledged_toast: str
    nothing_to_acknowledge: str

    def acknowledge_number_button(self, alert_id: int) -> str: ...

    titles: ClassVar[Mapping[AlertKind, str]]
    """What is wrong, in a line of a list."""
    _causes: ClassVar[Mapping[AlertKind, tuple[str, ...]]]
    """Cause, effect on customers, and what mends it, of those that have no card of their own; in
    braces stand the details of the alert."""

    _transactions: ClassVar[Mapping[str, str]]
    """What became of a transaction that entered no block."""

    def _nobody_looks(self, lasted: str) -> str: ...
    def _looked_after(self, who: str, since: str) -> str: ...
    def _over_after(self, lasted: str) -> str: ...

    _somebody: str
    _alerts: str
    _none_open: str
    _closed_lately: str

    def _seen(self, times: int) -> str: ...
    def _more(self, count: int) -> str: ...
    def _seconds(self, seconds: int) -> str: ...
    def _delivered_in(self, energy: str, duration: str, took: str) -> str: ...


class AlertTexts(Notation, AlertWords):
    """Alerts in messages and in their room, and what groups hear."""

    def cause(self, alert: Alert) -> Text:
        """The cause of one that has no card of its own."""
        title, *rest = self._causes.get(alert.kind, (self.titles[alert.kind],))
        details = _Details(
            {
                key: self.number(value) if isinstance(value, int) else str(value)
                for key, value in alert.details.items()
            }
        )
        if (state := alert.details.get("state")) is not None:
            details["state"] = self._transactions.get(str(state), str(state))
        return lines(Bold(title.format_map(details)), *(line.format_map(details) for line in rest))

    def alert(self, alert: Alert, body: Text, level: int) -> Text:
        """An alert, as it was told for the `level`-th time, and where it stands."""
        loud = level > 1 and alert.is_open and alert.acknowledged_by is None
        bells = "🔔" * min(level, _MOST_BELLS)
        return lines(
            Bold(f"{bells} {self._nobody_looks(self._how_long(alert.lasted))}") if loud else None,
            body,
            *self._state(alert),
        )

    def over(self, alert: Alert) -> Text:
        """That it is over."""
        return lines(Bold(self._over(alert)), self._title(alert))

    def room(self, look: AlertLook) -> Text:
        """All that are open, and the last that closed."""
        return lines(
            Bold(self._alerts if look.open else self._none_open),
            *(line for alert in look.open for line in self._listed(alert)),
            self._left_out(look.open_count - len(look.open)),
            *(("", Bold(self._closed_lately)) if look.closed else ()),
            *(
                f"#{alert.id} {self._title(alert)} · {self.day_and_time(alert.raised_at)} UTC"
                f" · {self._how_long(alert.lasted)}"
                for alert in look.closed
            ),
            self._left_out(look.closed_count - len(look.closed)),
        )

    def delivered(self, order: OrderView) -> Text:
        """A delivery, without whose it is."""
        begun, done = order.paid_at, order.completed_at
        took = max(0, round((done - begun).total_seconds())) if begun and done else 0
        return lines(
            Bold(
                self._delivered_in(
                    self.number(order.energy), self.duration(order.duration), self._seconds(took)
                )
            ),
            *self._numbered(self.proof_labels[1], order.delegation_txids),
        )

    def _state(self, alert: Alert) -> Iterator[str]:
        if alert.acknowledged_at is not None:
            who = alert.acknowledged_name or f"{self._somebody} {alert.acknowledged_by}"
            yield self._looked_after(who, f"{clock(alert.acknowledged_at)}")
        if not alert.is_open:
            yield self._over(alert)

    def _over(self, alert: Alert) -> str:
        return self._over_after(self._how_long(alert.lasted))

    def _listed(self, alert: Alert) -> Iterator[str]:
        seen = f" · {self._seen(alert.times)}" if alert.times > 1 else ""
        since = f"{self.day_and_time(alert.raised_at)} UTC"
        yield f"#{alert.id} {self._title(alert)} · {since}{seen}"
        yield from self._state(alert)

    def _title(self, alert: Alert) -> str:
        """What is wrong, and with what: an address or a long id by its ends."""
        word, _, rest = alert.subject.partition(" ")
        name = rest if len(rest) <= _LONGEST_NAME else f"{rest[:6]}…{rest[-4:]}"
        subject = f" · {name}" if word in _NAMED and name else ""
        return f"{self.titles[alert.kind]}{subject}"

    def _left_out(self, count: int) -> str | None:
        return self._more(count) if count > 0 else None

    def _how_long(self, length: timedelta) -> str:
        seconds = int(length.total_seconds())
        if length < 2 * _MINUTE:
            return self._seconds(seconds)
        return self.duration(length // _MINUTE * _MINUTE)


_LONGEST_NAME = 24
_NAMED = frozenset({"pool", "payment", "order", "transaction", "refund"})


class _Details(dict[str, str]):
    """What an alert holds; what it does not hold is a question mark, and never a failure."""

    def __missing__(self, key: str) -> str:
        return "?"
