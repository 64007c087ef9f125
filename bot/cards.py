"""Cards: what is shown for each state of a sale. Pure: state and language in, card out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from aiogram.enums import ButtonStyle
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.utils.formatting import Text

from bot.callbacks import (
    BackTo,
    ChooseDuration,
    ChooseLanguage,
    ChooseReceiver,
    ChooseSender,
    ChooseToken,
    ChooseTransfers,
    CountOwn,
    Do,
    Go,
    Nothing,
    OrdersPage,
    OrderTap,
    Place,
    PlaceOrder,
    Step,
)
from bot.drafts import Draft
from bot.inputs import EthereumAddress, HexAddress, WrongAddress
from bot.keyboards import (
    back_to_menu,
    button,
    copying,
    going,
    keyboard,
    rent_button,
    to_balance,
    to_menu,
)
from bot.pictures import picture_of
from bot.screen import Card
from bot.texts import Texts
from bot.texts.figures import exact_trx, short_address
from chain.addresses import Address
from services.customers import SavedAddress
from services.energy import RecipientFacts, TransferNeed
from services.inventory import Outlook
from services.maintenance import Closure
from services.order_ends import Compensation
from services.order_views import OrderView, Origin, Stage
from services.orders import OrderPage
from services.prices import Price
from services.quotes import Quote, QuoteFault, TypicalPrice
from services.tokens import USDT

OFFERED_TRANSFERS = (1, 2, 3, 5, 10)

STAGE_SIGNS: Mapping[Stage, str] = {
    Stage.AWAITING: "⏳",
    Stage.UNDERPAID: "🪙",
    Stage.SEEN: "👀",
    Stage.PAID: "⚡",
    Stage.DELIVERED: "✅",
    Stage.ENDED: "🏁",
    Stage.EXPIRED: "⌛",
    Stage.CANCELLED: "🚫",
    Stage.FAILED: "🛟",
}

_LABEL_LENGTH = 24


def _back(texts: Texts, draft: Draft, step: Step) -> InlineKeyboardButton:
    return button(texts.back_button, BackTo(draft=draft.id, step=step).pack())


def _other_wallet(texts: Texts) -> InlineKeyboardButton:
    return button(texts.other_wallet_button, Go(place=Place.RENT).pack())


def menu_keyboard(texts: Texts) -> InlineKeyboardMarkup:
    """One large button, four small ones."""
    return keyboard(
        [rent_button(texts)],
        [button(texts.orders_button, OrdersPage(page=1).pack()), to_balance(texts)],
        [
            button(texts.language_button, Go(place=Place.LANGUAGE).pack()),
            button(texts.help_button, Go(place=Place.HELP).pack()),
        ],
    )


# Around a sale


def menu(texts: Texts, typical: TypicalPrice | None, closure: Closure | None = None) -> Card:
    """With a `closure`, what there is to tell about it."""
    return Card(
        texts.menu(typical, closed=closure is not None, words=_words_of(texts, closure)),
        menu_keyboard(texts),
    )


def closed(texts: Texts, closure: Closure | None) -> Card:
    """No new orders for a while."""
    ways = [button(texts.orders_button, OrdersPage(page=1).pack()), to_menu(texts)]
    return Card(texts.closed(_words_of(texts, closure)), keyboard(ways))


def _words_of(texts: Texts, closure: Closure | None) -> str | None:
    return None if closure is None else closure.words(texts.language)


def available(texts: Texts, outlook: Outlook, transfers: int) -> Card:
    """What can be rented now and later; `transfers` are the most that one order can be for."""
    return Card(
        texts.available(outlook, transfers), keyboard([rent_button(texts)], [to_menu(texts)])
    )


def help_page(texts: Texts, flash_address: Address | None) -> Card:
    keys = going(texts.api_keys_button, Place.API_KEYS)
    return Card(
        texts.help(flash_address), keyboard([rent_button(texts)], [keys], [back_to_menu(texts)])
    )


def languages(texts: Texts, choices: Iterable[Texts]) -> Card:
    buttons = [
        button(choice.language_name, ChooseLanguage(language=choice.language).pack())
        for choice in choices
    ]
    return Card(texts.choose_language(), keyboard(buttons, [back_to_menu(texts)]))


def hint(texts: Texts, text: Text) -> Card:
    """An answer to something unexpected, with the way to go on."""
    return Card(text, menu_keyboard(texts))


def asked_again(texts: Texts, text: Text) -> Card:
    """What was wrong with an answer; the question above it still stands."""
    return Card(text, keyboard([to_menu(texts)]))


# From address to quote


def ask_sender(texts: Texts, saved: Sequence[SavedAddress]) -> Card:
    rows = [
        [button(_label(choice), ChooseSender(address=choice.address).pack())] for choice in saved
    ]
    return Card(texts.ask_sender(has_saved=bool(saved)), keyboard(*rows, [back_to_menu(texts)]))


def _label(choice: SavedAddress) -> str:
    short = short_address(choice.address)
    if not choice.label:
        return short
    label = choice.label
    if len(label) > _LABEL_LENGTH:
        label = f"{label[: _LABEL_LENGTH - 1]}…"
    return f"{label} · {short}"


def wrong_address(texts: Texts, problem: WrongAddress | EthereumAddress | HexAddress) -> Card:
    if isinstance(problem, HexAddress):
        return Card(
            texts.address_in_hex(problem.address),
            keyboard(
                [
                    button(
                        texts.use_address_button,
                        ChooseSender(address=problem.address).pack(),
                        ButtonStyle.PRIMARY,
                    )
                ],
                [back_to_menu(texts)],
            ),
        )
    return asked_again(texts, wrong_address_text(texts, problem))


def wrong_address_text(texts: Texts, problem: WrongAddress | EthereumAddress) -> Text:
    if isinstance(problem, EthereumAddress):
        return texts.address_ethereum()
    return texts.address_refused(problem.fault, problem.found_length)


def wallet_refused(texts: Texts, fault: QuoteFault, address: Address) -> Card:
    """No energy can be sent to this wallet, or nobody could tell just now."""
    if fault is QuoteFault.MAINTENANCE:
        return closed(texts, None)
    row = []
    if fault is QuoteFault.CHAIN_UNAVAILABLE:
        row.append(
            button(texts.retry_button, ChooseSender(address=address).pack(), ButtonStyle.PRIMARY)
        )
    row.append(_other_wallet(texts))
    return Card(texts.wallet_refused(fault, address), keyboard(row, [to_menu(texts)]))


def ask_destination(texts: Texts, draft: Draft, facts: RecipientFacts) -> Card:
    symbol = facts.token.symbol

    def choice(label: str, *, holds_token: bool) -> InlineKeyboardButton:
        data = ChooseReceiver(draft=draft.id, holds_token=holds_token)
        return button(label, data.pack())

    return Card(
        texts.ask_destination(facts),
        keyboard(
            [choice(texts.holder_button.replace(USDT, symbol), holds_token=True)],
            [choice(texts.newcomer_button.replace(USDT, symbol), holds_token=False)],
            [
                button(texts.back_button, Go(place=Place.RENT).pack()),
                button(texts.other_trc20_button, ChooseToken(draft=draft.id, usdt=False).pack()),
            ],
        ),
    )


def ask_token(texts: Texts, draft: Draft) -> Card:
    usdt = [button(USDT, ChooseToken(draft=draft.id, usdt=True).pack())] if draft.token else []
    return Card(texts.ask_token(), keyboard(usdt, [_back(texts, draft, Step.DESTINATION)]))


def ask_transfers(texts: Texts, draft: Draft, limit: int, need: TransferNeed | None = None) -> Card:
    buttons = [
        button(texts.number(count), ChooseTransfers(draft=draft.id, transfers=count).pack())
        for count in OFFERED_TRANSFERS
        if count <= limit
    ]
    return Card(
        texts.ask_transfers(limit, draft.symbol, need),
        keyboard(buttons, [_back(texts, draft, Step.DESTINATION)]),
    )


def ask_duration(texts: Texts, draft: Draft, prices: Sequence[Price]) -> Card:
    rows = [
        [
            button(
                texts.duration(price.duration),
                ChooseDuration(draft=draft.id, seconds=int(price.duration.total_seconds())).pack(),
            )
            for price in prices[start : start + 3]
        ]
        for start in range(0, len(prices), 3)
    ]
    return Card(texts.ask_duration(), keyboard(*rows, [_back(texts, draft, Step.TRANSFERS)]))


def quote(texts: Texts, draft: Draft, offer: Quote, *, only_duration: bool) -> Card:
    """The offer; `only_duration` says that the question before it was not asked."""
    confirm = button(
        texts.confirm_button(offer.price_sun),
        PlaceOrder(quote=offer.id, draft=draft.id).pack(),
        ButtonStyle.SUCCESS,
    )
    own = []
    if offer.energy_own:
        own = [button(texts.whole_button(), CountOwn(draft=draft.id, own=False).pack())]
    elif offer.own_energy:
        label = texts.shortfall_button(offer.own_energy)
        own = [button(label, CountOwn(draft=draft.id, own=True).pack())]
    before = Step.TRANSFERS if only_duration else Step.DURATION
    return Card(
        texts.quote(offer, draft.budget_sun),
        keyboard([confirm], own, [_back(texts, draft, before)]),
    )


def needs_nothing(texts: Texts, draft: Draft, transfers: int) -> Card:
    return Card(
        texts.needs_nothing(draft.recipient, transfers, draft.symbol),
        keyboard([_other_wallet(texts), _back(texts, draft, Step.TRANSFERS)], [to_menu(texts)]),
    )


def budget_too_small(texts: Texts, draft: Draft, *, budget_sun: int, price_sun: int) -> Card:
    one = ChooseTransfers(draft=draft.id, transfers=1).pack()
    return Card(
        texts.budget_too_small(budget_sun, price_sun),
        keyboard(
            [button(texts.transfers_button(1), one, ButtonStyle.PRIMARY)],
            [_back(texts, draft, Step.TRANSFERS), to_menu(texts)],
        ),
    )


def not_enough_energy(
    texts: Texts, draft: Draft, *, available: int, transfers_possible: int
) -> Card:
    row = []
    if transfers_possible:
        row.append(
            button(
                texts.transfers_button(transfers_possible),
                ChooseTransfers(draft=draft.id, transfers=transfers_possible).pack(),
                ButtonStyle.PRIMARY,
            )
        )
    else:
        row.append(button(texts.retry_button, BackTo(draft=draft.id, step=Step.QUOTE).pack()))
    return Card(
        texts.not_enough_energy(available, transfers_possible),
        keyboard(row, [_back(texts, draft, Step.TRANSFERS), to_menu(texts)]),
    )


def quote_refused(texts: Texts, draft: Draft, fault: QuoteFault, limit: int = 0) -> Card:
    match fault:
        case QuoteFault.CHAIN_UNAVAILABLE | QuoteFault.NOT_ENOUGH_ENERGY:
            way = button(texts.retry_button, BackTo(draft=draft.id, step=Step.QUOTE).pack())
        case QuoteFault.TOO_MANY_OPEN_ORDERS:
            way = button(texts.orders_button, OrdersPage(page=1).pack())
        case (
            QuoteFault.DESTINATION_IS_RECIPIENT
            | QuoteFault.DESTINATION_FROZEN
            | QuoteFault.BALANCE_TOO_SMALL
            | QuoteFault.TRANSFER_REVERTS
        ):
            way = _back(texts, draft, Step.DESTINATION)
        case QuoteFault.NOT_TRC20:
            way = button(texts.other_trc20_button, ChooseToken(draft=draft.id, usdt=False).pack())
        case (
            QuoteFault.NOT_ACTIVATED
            | QuoteFault.IS_CONTRACT
            | QuoteFault.IS_OURS
            | QuoteFault.SENDER_FROZEN
        ):
            return wallet_refused(texts, fault, draft.recipient)
        case QuoteFault.MAINTENANCE:
            return closed(texts, None)
        case _:
            way = _back(texts, draft, Step.TRANSFERS)
    return Card(texts.quote_refused(fault, limit), keyboard([way], [to_menu(texts)]))


def draft_gone(texts: Texts) -> Card:
    return Card(texts.draft_gone(), keyboard([rent_button(texts)], [to_menu(texts)]))


# Orders


def order(texts: Texts, view: OrderView, *, ends_early: bool = False) -> Card:
    """The one card of an order, for whatever stage it is in.

    `ends_early`: a running rental can be ended before its time.
    """
    return Card(
        order_text(texts, view),
        _order_keyboard(texts, view, ends_early=ends_early),
        picture=picture_of(view),
    )


def order_text(texts: Texts, view: OrderView) -> Text:
    words: Mapping[Stage, Callable[[OrderView], Text]] = {
        Stage.AWAITING: texts.awaiting,
        Stage.UNDERPAID: texts.underpaid,
        Stage.SEEN: texts.seen,
        Stage.PAID: texts.paid,
        Stage.DELIVERED: texts.delivered,
        Stage.ENDED: texts.ended,
        Stage.EXPIRED: texts.expired,
        Stage.CANCELLED: texts.cancelled,
        Stage.FAILED: texts.failed,
    }
    return words[view.stage](view)


def _order_keyboard(texts: Texts, view: OrderView, *, ends_early: bool) -> InlineKeyboardMarkup:
    def tap(label: str, do: Do, style: ButtonStyle | None = None) -> InlineKeyboardButton:
        return button(label, OrderTap(order=view.id, do=do).pack(), style)

    refresh = tap(texts.refresh_button, Do.REFRESH)
    match view.stage:
        case Stage.AWAITING | Stage.UNDERPAID:
            # The easiest way to pay is the coloured one.
            easy = view.balance_covers
            from_balance = [
                tap(
                    texts.pay_from_balance_button(view.missing_sun),
                    Do.PAY,
                    ButtonStyle.SUCCESS,
                )
            ]
            return keyboard(
                from_balance if easy else [],
                [
                    copying(
                        texts.copy_amount_button(view.due_sun),
                        exact_trx(view.due_sun),
                        None if easy else ButtonStyle.PRIMARY,
                    )
                ],
                [copying(texts.copy_address_button, view.payment_address)],
                [refresh, tap(texts.cancel_order_button, Do.CANCEL)],
            )
        case Stage.SEEN | Stage.PAID:
            return keyboard([refresh])
        case Stage.FAILED:
            balance = [to_balance(texts)] if view.compensation is Compensation.CREDIT else []
            return keyboard(balance, [refresh, to_menu(texts)])
        case Stage.DELIVERED:
            if view.origin is Origin.EXTENSION:
                return keyboard(
                    [tap(texts.extend_button, Do.EXTEND)], [*_rental_of(view), to_menu(texts)]
                )
            lasting = []
            if view.is_running:
                lasting.append(tap(texts.extend_button, Do.EXTEND))
                if ends_early:
                    lasting.append(tap(texts.end_now_button, Do.END))
            return keyboard(
                lasting,
                [tap(texts.rent_again_button, Do.AGAIN)],
                [refresh, to_menu(texts)],
            )
        case Stage.EXPIRED | Stage.CANCELLED if view.origin is Origin.EXTENSION:
            return keyboard(
                [tap(texts.extend_button, Do.EXTEND)], [*_rental_of(view), to_menu(texts)]
            )
        case Stage.ENDED | Stage.EXPIRED | Stage.CANCELLED:
            return keyboard([tap(texts.rent_again_button, Do.AGAIN)], [to_menu(texts)])


def _rental_of(view: OrderView) -> list[InlineKeyboardButton]:
    """Brings down the card of what an extension prolongs."""
    if view.extends_id is None:
        return []
    return [button(f"#{view.extends_number}", OrderTap(order=view.extends_id, do=Do.OPEN).pack())]


def news(texts: Texts, view: OrderView) -> Card | None:
    """The message that announces a stage; None where the card alone says it."""
    again = button(texts.rent_again_button, OrderTap(order=view.id, do=Do.AGAIN).pack())
    match view.stage:
        case Stage.DELIVERED if view.origin is Origin.EXTENSION:
            return Card(texts.delivered_news(view), keyboard([_opening(view)]))
        case Stage.DELIVERED:
            return Card(texts.delivered_news(view), keyboard([again]))
        case Stage.ENDED:
            return Card(texts.ended_news(view), keyboard([again]))
        case Stage.EXPIRED if view.origin is Origin.EXTENSION:
            extend = OrderTap(order=view.id, do=Do.EXTEND).pack()
            return Card(texts.expired_news(view), keyboard([button(texts.extend_button, extend)]))
        case Stage.EXPIRED:
            return Card(texts.expired_news(view), keyboard([again]))
        case Stage.UNDERPAID:
            return Card(texts.underpaid_news(view), keyboard([_opening(view)]))
        case Stage.FAILED:
            return Card(texts.failed_news(view), keyboard([_opening(view)]))
        case _:
            return None


def _opening(view: OrderView) -> InlineKeyboardButton:
    """Brings the order's card down to where the customer reads."""
    return button(
        f"{STAGE_SIGNS[view.stage]} #{view.number}", OrderTap(order=view.id, do=Do.OPEN).pack()
    )


def orders(texts: Texts, page: OrderPage) -> Card:
    """The list: a button per order, and the way to the other pages."""
    if not page.orders:
        return Card(texts.no_orders(), keyboard([rent_button(texts)], [back_to_menu(texts)]))
    rows = [
        [button(_order_label(texts, view), OrderTap(order=view.id, do=Do.OPEN).pack())]
        for view in page.orders
    ]
    turning = []
    if page.pages > 1:
        turning = [
            _turn("‹", page.page - 1, page.pages),
            button(f"{page.page}/{page.pages}", Nothing().pack()),
            _turn("›", page.page + 1, page.pages),
        ]
    return Card(
        texts.orders(page.page, page.pages), keyboard(*rows, turning, [back_to_menu(texts)])
    )


def _turn(sign: str, page: int, pages: int) -> InlineKeyboardButton:
    """A button to another page; at the ends it keeps its place and does nothing."""
    if 1 <= page <= pages:
        return button(sign, OrdersPage(page=page).pack())
    return button("·", Nothing().pack())


def _order_label(texts: Texts, view: OrderView) -> str:
    amount = texts.about_trx(view.amount_sun)
    if view.origin is Origin.EXTENSION:
        return f"{STAGE_SIGNS[view.stage]} {texts.extension_label(view)} · {amount}"
    return f"{STAGE_SIGNS[view.stage]} {amount} · {texts.day_and_time(view.ordered_at)}"
