"""Reports of days, weeks and months, and the books as files."""

from __future__ import annotations

from datetime import date

from bot.office import report_cards
from bot.office.areas import Area
from bot.turn import Turn
from services.chain_time import ChainUnread
from services.exports import Book, Exports
from services.reports import Reports
from services.spans import SpanKind, span_on
from services.staff import Actor, Right


class ReportsArea(Area):
    """What a span of time brought; its days are counted as `date.toordinal` does."""

    name = "reports"

    def __init__(self, turn: Turn, actor: Actor, *, reports: Reports, exports: Exports) -> None:
        self._turn = turn
        self._actor = actor
        self._reports = reports
        self._exports = exports

    async def said(self, words: str) -> None:
        """``day``, ``week`` or ``month``; anything else shows the day."""
        kinds = {str(kind): kind for kind in SpanKind}
        await self.show(kinds.get(words.strip().lower(), SpanKind.DAY))

    async def show(self, kind: SpanKind, day: int | None = None) -> None:
        """The span that a day is in; without one, the span that runs."""
        texts = self._turn.texts
        try:
            report = await self._reports.report(
                kind, None if day is None else date.fromordinal(day)
            )
        except ChainUnread:
            await self._turn.toast(texts.office.today.chain_unread(), alert=True)
            return
        await self._turn.acknowledge()
        card = await report_cards.report(texts, report, may_export=self._actor.may(Right.EXPORT))
        await self._turn.show(card)

    async def take(self, book: Book, kind: SpanKind, day: int) -> None:
        """Send a book as a file, or as several."""
        texts = self._turn.texts.office.reports
        span = span_on(kind, date.fromordinal(day))
        export = await self._exports.take(self._actor, book, span)
        if not export.files:
            await self._turn.toast(texts.nothing_to_take(book, span), alert=True)
            return
        await self._turn.acknowledge()
        for file in export.files:
            await self._turn.send_file(file.name, file.content, texts.taken(book, span, file.rows))
