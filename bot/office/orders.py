"""Orders: found by anything, seen whole, and helped along."""

from __future__ import annotations

from typing import Any

from aiogram.utils.formatting import Text

from bot.inputs import read_count
from bot.keyboards import keyboard
from bot.office import cards, order_desk
from bot.office.areas import Area
from bot.office.asking import Asking, Question
from bot.office.confirming import Confirming
from bot.office.taps import OrderDoing
from bot.screen import Card
from bot.turn import Turn
from chain.addresses import Address, is_address
from chain.errors import ChainError
from services.acts import Act, Proposal
from services.order_acts import MOST_HOURS, OrderActImpossible, OrderActs
from services.order_search import OrderSearch, Wanted, read_wanted
from services.staff import Actor


class OrdersArea(Area):
    """Every order of the shop, and what can be done with one."""

    name = "orders"
    acts = frozenset(doing.act for doing in OrderDoing)

    def __init__(
        self,
        turn: Turn,
        actor: Actor,
        *,
        asking: Asking,
        confirming: Confirming,
        acts: OrderActs,
        search: OrderSearch,
    ) -> None:
        self._turn = turn
        self._texts = turn.texts
        self._words = turn.texts.office.orders
        self._common = turn.texts.office.common
        self._actor = actor
        self._asking = asking
        self._confirming = confirming
        self._acts = acts
        self._search = search

    # Looking

    async def list(self, page: int) -> None:
        await self._turn.show(order_desk.order_list(self._texts, await self._search.newest(page)))

    async def ask_what(self) -> None:
        await self._asking.ask("orders.find", cards.asked(self._common, self._words.ask_what()))

    async def find(self, words: str) -> None:
        """One hit is opened, several are listed."""
        wanted = read_wanted(words)
        found = None if wanted is None else await self._search.find(wanted)
        if wanted is None or found is None or not found.orders:
            await self._turn.show(order_desk.no_order(self._texts))
        elif len(found.orders) == 1:
            await self.look(found.orders[0].number)
        else:
            await self._turn.show(order_desk.order_hits(self._texts, found, wanted))

    async def turn_to(self, page: int, wanted: Wanted | None) -> None:
        """Another page of what was found."""
        if wanted is None:
            await self._turn.show(order_desk.no_order(self._texts))
            return
        found = await self._search.find(wanted, page)
        await self._turn.show(order_desk.order_hits(self._texts, found, wanted))

    async def look(self, number: int) -> None:
        desk = await self._acts.look(number)
        if desk is None:
            await self._turn.show(order_desk.no_order(self._texts))
            return
        await self._turn.show(order_desk.order_desk(self._texts, desk, self._actor))

    async def times(self, number: int, page: int) -> None:
        desk = await self._acts.look(number)
        if desk is not None:
            await self._turn.show(order_desk.order_times(self._texts, desk, page))

    # Asking

    async def begin(self, number: int, doing: OrderDoing) -> None:
        desk = await self._acts.look(number)
        if desk is None or doing.act not in desk.possible:
            await self._turn.toast(self._words.not_now, alert=True)
            await self.look(number)
            return
        match doing:
            case OrderDoing.POOL:
                await self._ask_pool(number)
            case OrderDoing.EXTEND:
                await self._asking.ask("orders.hours", self._hours_card(), order=number)
            case OrderDoing.END:
                await self._why(doing.act, number, percent=0)
            case OrderDoing.END_WITH_SHARE:
                await self._why(doing.act, number, percent=desk.share_percent)
            case _:
                await self._why(doing.act, number)

    def _hours_card(self) -> Card:
        return cards.asked(self._common, self._words.how_many_hours(MOST_HOURS))

    async def _ask_pool(self, number: int) -> None:
        try:
            pools = await self._acts.pools(number)
        except ChainError:
            await self._turn.toast(self._words.chain_is_silent, alert=True)
            return
        await self._turn.show(order_desk.order_pools(self._texts, number, pools))

    async def by_pool(self, number: int, pool: str) -> None:
        if not is_address(pool):
            await self._turn.toast(self._words.not_now, alert=True)
            return
        await self._why(Act.DELIVER_BY_POOL, number, pool=pool)

    async def answered(self, question: Question, words: str) -> None:
        if question.name == "orders.find":
            await self._asking.done()
            await self.find(words)
            return
        hours = read_count(words)
        if hours is None or not 0 < hours <= MOST_HOURS:
            await self._turn.send(self._hours_card())
            return
        await self._why(Act.EXTEND_ORDER, int(question.about["order"]), hours=hours)

    async def _why(self, act: Act, number: int, **arguments: Any) -> None:
        about = {"order": number, **arguments}
        meaning = await self._meaning(act, about)
        if meaning is None:
            await self._asking.done()
            await self._turn.toast(self._words.not_now, alert=True)
            return
        await self._confirming.begin(act, subject=f"order {number}", about=meaning, **about)

    # Doing

    async def meaning(self, proposal: Proposal) -> Text | None:
        return await self._meaning(proposal.act, proposal.arguments)

    async def _meaning(self, act: Act, arguments: Any) -> Text | None:
        desk = await self._acts.look(int(arguments["order"]))
        if desk is None or act not in desk.possible:
            return None
        match act:
            case Act.RETRY_ORDER:
                return self._words.retry(desk)
            case Act.DELIVER_BY_POOL:
                return self._words.by_pool(desk, Address(str(arguments["pool"])))
            case Act.REFUND_ORDER:
                return self._words.refund(desk)
            case Act.CREDIT_ORDER:
                return self._words.credit(desk)
            case Act.EXTEND_ORDER:
                return self._words.extend(desk, int(arguments["hours"]))
            case _:
                return self._words.end(desk, int(arguments["percent"]))

    async def carry_out(self, proposal: Proposal) -> Card:
        number = int(proposal.arguments["order"])
        try:
            number = await self._acts.carry_out(self._actor, proposal)
        except OrderActImpossible:
            return self._said(self._words.not_now, number)
        except ChainError:
            return self._said(self._words.chain_is_silent, number)
        desk = await self._acts.look(number)
        assert desk is not None, "something was done with it a moment ago"
        return order_desk.order_desk(self._texts, desk, self._actor, done=True)

    def _said(self, words: str, number: int) -> Card:
        return Card(Text(words), keyboard([order_desk.to_order(self._texts, number)]))
