"""One customer's turn at their balance: looking, paying out, proving an address.

Where money may go is asked of the services each time: what a button names proves nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.utils.formatting import Text

from bot import cards, money_cards
from bot.callbacks import PayOutNow
from bot.inputs import EthereumAddress, HexAddress, WrongAddress, read_address, read_signature
from bot.screen import Card
from bot.turn import Turn
from chain.addresses import Address
from services.balances import AddressNotProved, AddressOfAnother, Balances, proof_text
from services.customers import Customers
from services.refunds import RefundFault, RefundRefused, Refunds


class Proving(StatesGroup):
    """The question that a typed answer belongs to."""

    address = State()
    signature = State()


_ADDRESS = "address"
_ASKED = "asked"
_MOST_PLACES = 8


class Banking:
    """What a customer can do with their balance. `username` tells the bot's own name."""

    def __init__(
        self,
        turn: Turn,
        state: FSMContext,
        *,
        balances: Balances,
        refunds: Refunds,
        customers: Customers,
        username: Callable[[], Awaitable[str]],
    ) -> None:
        self._turn = turn
        self._texts = turn.texts
        self._state = state
        self._balances = balances
        self._refunds = refunds
        self._customers = customers
        self._username = username

    async def look(self) -> None:
        """The balance, where the customer looks."""
        await self._state.clear()
        customer = self._turn.customer.id
        state = await self._balances.look(customer)
        refunds = await self._refunds.open_of(customer)
        await self._turn.show(money_cards.balance(self._texts, state, refunds))

    # Paying out

    async def ask_place(self) -> None:
        sun, places = await self._sun(), await self._places()
        await self._turn.show(
            money_cards.pay_out_places(self._texts, sun, self._refunds.fee_sun, places)
        )

    async def place_chosen(self, to: str) -> None:
        """Say in numbers what a tap on the next button does."""
        place = await self._place(to)
        sun, fee_sun = await self._sun(), self._refunds.fee_sun
        if place is None:
            await self._refuse(RefundFault.ADDRESS_NOT_PROVED)
        elif sun <= fee_sun:
            await self.ask_place()
        else:
            await self._turn.show(money_cards.pay_out_confirm(self._texts, place, sun, fee_sun))

    async def pay_out(self, tapped: PayOutNow) -> None:
        place = await self._place(tapped.to)
        if place is None:
            await self._refuse(RefundFault.ADDRESS_NOT_PROVED)
            return
        try:
            refund = await self._refunds.pay_out(self._turn.customer.id, place, tapped.sun)
        except RefundRefused as refusal:
            await self._refuse(refusal.fault)
            return
        await self._turn.show(money_cards.pay_out_done(self._texts, refund))

    async def _refuse(self, fault: RefundFault) -> None:
        """Nothing was sent; the balance as it is now shows what is possible."""
        await self._turn.toast(self._texts.pay_out_refused(fault), alert=True)
        await self.look()

    async def _sun(self) -> int:
        return (await self._balances.look(self._turn.customer.id)).sun

    async def _places(self) -> tuple[Address, ...]:
        return (await self._refunds.places(self._turn.customer.id))[:_MOST_PLACES]

    async def _place(self, to: str) -> Address | None:
        return next((each for each in await self._places() if each == to), None)

    # Proving an address

    async def ask_address(self) -> None:
        saved = await self._customers.addresses(self._turn.customer.id)
        card = money_cards.ask_proved_address(self._texts, [each.address for each in saved])
        await self._ask(card, Proving.address)

    async def address_given(self, text: str) -> None:
        """Typed, or a button's; whoever made that up gets the same answer as for a typed one."""
        found = read_address(text)
        if isinstance(found, HexAddress):
            found = found.address
        if isinstance(found, WrongAddress | EthereumAddress):
            await self._say(cards.wrong_address_text(self._texts, found))
            return
        card = money_cards.ask_signature(self._texts, found, await self._proof(found))
        await self._ask(card, Proving.signature, found)

    async def signature_typed(self, text: str) -> None:
        data: dict[str, Any] = await self._state.get_data()
        asked_about = read_address(str(data.get(_ADDRESS, "")))
        if not isinstance(asked_about, str):
            await self.ask_address()
            return
        signature = read_signature(text)
        if signature is None:
            if isinstance(read_address(text), str | HexAddress):
                await self.address_given(text)  # another address, after all
            else:
                await self._say(self._texts.signature_missing())
            return
        customer = self._turn.customer.id
        try:
            claimed_sun = await self._balances.prove_address(
                customer, asked_about, await self._proof(asked_about), signature
            )
        except AddressNotProved:
            await self._say(self._texts.not_proved(asked_about))
        except AddressOfAnother:
            await self._state.clear()
            await self._say(self._texts.address_of_another(asked_about))
        else:
            await self._answered(data)
            await self._turn.send(money_cards.proved(self._texts, asked_about, claimed_sun))

    async def _proof(self, address: Address) -> str:
        return proof_text(await self._username(), self._turn.customer.id, address)

    async def _ask(self, card: Card, question: State, address: Address | None = None) -> None:
        """Show the question; a typed answer takes the buttons from the one before."""
        before = (await self._state.get_data()).get(_ASKED)
        message_id = await self._turn.show(card)
        await self._state.set_state(question)
        await self._state.set_data({_ASKED: message_id} | ({_ADDRESS: address} if address else {}))
        if before is not None and self._turn.tapped_message is None:
            await self._turn.take_buttons_away(before)

    async def _answered(self, data: dict[str, Any]) -> None:
        await self._state.clear()
        if (asked := data.get(_ASKED)) is not None:
            await self._turn.take_buttons_away(asked)

    async def _say(self, text: Text) -> None:
        await self._turn.send(money_cards.proof_refused(self._texts, text))
