"""Days, weeks and months of UTC, as reports speak of them. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

_DAY = timedelta(days=1)


class SpanKind(StrEnum):
    """How long a span is; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` until before `until`."""

    kind: SpanKind
    since: datetime
    until: datetime

    @property
    def step(self) -> timedelta:
        """What it is divided into: hours or days."""
        return timedelta(hours=1) if self.kind is SpanKind.DAY else _DAY

    @property
    def day(self) -> date:
        """Its first day: with its kind, its name."""
        return self.since.date()

    def before(self) -> Span:
        return span_of(self.kind, self.since - _DAY)

    def after(self) -> Span:
        return span_of(self.kind, self.until)


def span_of(kind: SpanKind, moment: datetime) -> Span:
    """The span that a moment is in."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    match kind:
        case SpanKind.DAY:
            return Span(kind, day, day + _DAY)
        case SpanKind.WEEK:
            since = day - day.weekday() * _DAY
            return Span(kind, since, since + 7 * _DAY)
        case SpanKind.MONTH:
            since = day.replace(day=1)
            # 31 days later it is certainly the next one.
            return Span(kind, since, (since + 31 * _DAY).replace(day=1))


def span_on(kind: SpanKind, day: date) -> Span:
    """The span that a day of UTC is in."""
    return span_of(kind, datetime(day.year, day.month, day.day, tzinfo=UTC))
