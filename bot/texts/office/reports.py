"""Reports: which lines they have; a language has the words. They fit into a caption."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from fractions import Fraction
from typing import ClassVar, Protocol

from aiogram.utils.formatting import Bold, Text

from bot.charts import Words
from bot.texts.figures import short_address
from bot.texts.notation import Notation, lines, section
from bot.texts.office.measures import Measures, capital, exact_trx_signed
from services.exports import Book
from services.reports import PoolReport, Report, Target
from services.spans import Span, SpanKind

_MOST_POOLS = 3
_MARKS = {True: "✓", False: "✗", None: "–"}


class ReportWords(Protocol):
    """The words of one language."""

    earlier_button: str
    later_button: str

    _span_buttons: ClassVar[Mapping[SpanKind, str]]
    _books: ClassVar[Mapping[Book, str]]
    _titles: ClassVar[Mapping[SpanKind, str]]
    _so_far: str
    _orders: str
    _placed: str
    _delivered: str
    _delivered_orders: str
    _failed: str
    _revenue: str
    _cost: str
    _burned: str
    _of_pools: str
    _profit: str
    _energy: str
    _delegations: str
    _customers: str
    _new: str
    _returning: str
    _targets: ClassVar[Mapping[Target, str]]
    _pools: str
    _profit_of_pools: str
    _more: str
    _rows: str
    _nothing: str


class ReportTexts(Measures, Notation, ReportWords):
    """What a span of time brought."""

    def span_button(self, kind: SpanKind) -> str:
        return self._span_buttons[kind]

    def book_button(self, book: Book) -> str:
        return f"{self._books[book]} CSV"

    def report(self, report: Report) -> Text:
        sales = report.sales
        running = self._so_far if report.now < report.span.until else ""
        costs = f"{self._burned} {self._trx(report.fees_sun)}{self.comma}{self._of_pools} "
        opening, closing = self.brackets
        return lines(
            Text(Bold(self._title(report.span)), running),
            f"{self._orders}{self.colon}{self._placed} {self.number(sales.placed)} · "
            f"{self._delivered} {self.number(sales.delivered)} · "
            f"{self._failed} {self.number(sales.failed)}",
            f"{self._revenue}{self.colon}{self._trx(sales.revenue_sun)} TRX",
            f"{capital(self._cost)}{self.colon}{self._trx(report.cost_sun)} TRX"
            f"{opening}{costs}{self._trx(report.pool_cost_sun)}{closing}",
            f"{capital(self._profit)}{self.colon}{self._trx(report.profit_sun)} TRX",
            f"{self._energy}{self.colon}{self.number(report.energy)}",
            f"{self._customers}{self.colon}{self._new} {self.number(report.new_customers)} · "
            f"{self._returning} {self.number(report.returning_customers)}",
            "",
            *(self._target(report, target) for target in Target),
            *section(self._pools, self._of_each_pool(report)),
        )

    def chart_words(self, span: Span) -> Words:
        """What stands in the picture of a report."""
        return Words(
            title=self._title(span),
            orders=self._delivered_orders,
            revenue=f"{self._revenue}, TRX",
            pools=f"{self._profit_of_pools}, TRX",
        )

    def taken(self, book: Book, span: Span, rows: int) -> Text:
        """Below a file."""
        return Text(
            f"{self._books[book]} · {self._named(span)} · {self._rows}{self.colon}",
            self.number(rows),
        )

    def nothing_to_take(self, book: Book, span: Span) -> str:
        return f"{self._books[book]} · {self._named(span)}{self.colon}{self._nothing}"

    def _title(self, span: Span) -> str:
        return f"{self._titles[span.kind]} {self._named(span)} UTC"

    @staticmethod
    def _named(span: Span) -> str:
        """``2026-11-23``, ``2026-11-23 – 11-29``, ``2026-11``."""
        match span.kind:
            case SpanKind.DAY:
                return f"{span.since:%Y-%m-%d}"
            case SpanKind.WEEK:
                last = span.until - timedelta(days=1)
                return f"{span.since:%Y-%m-%d} – {last:%m-%d}"
            case SpanKind.MONTH:
                return f"{span.since:%Y-%m}"

    def _target(self, report: Report, target: Target) -> str:
        """A mark, what was asked, and what was reached."""
        reached: dict[Target, Fraction | timedelta | None] = {
            Target.SUCCESS: report.sales.success,
            Target.CONFIRMATION: report.sales.confirmation.p95,
            Target.DELEGATION: report.sales.delegation.p95,
            Target.AVAILABILITY: report.availability,
        }
        value = reached[target]
        said = self.took(value) if isinstance(value, timedelta) else self.share(value)
        return f"{_MARKS[report.met(target)]} {self._targets[target]}{self.colon}{said}"

    def _of_each_pool(self, report: Report) -> list[str]:
        rows = [self._pool(pool) for pool in report.pools[:_MOST_POOLS]]
        left_out = len(report.pools) - len(rows)
        return [*rows, self._more.format(self.number(left_out))] if left_out else rows

    def _pool(self, pool: PoolReport) -> str:
        return (
            f"{short_address(pool.address)}{self.colon}{self.number(pool.energy)} · "
            f"{self._delegations} {self.number(pool.delegations)} · "
            f"{self._burned} {self._trx(pool.fees_sun)} · "
            f"{self._cost} {self._trx(pool.cost_sun)} · "
            f"{self._profit} {self._trx(pool.profit_sun)}"
        )

    @staticmethod
    def _trx(sun: int) -> str:
        return exact_trx_signed(sun)
