"""Sales in every state, with figures as long as they can get, and every card they are shown on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

from bot import cards, money_cards, operator_cards, time_cards
from bot.drafts import Draft
from bot.inputs import EthereumAddress, HexAddress, WrongAddress
from bot.screen import Card
from bot.texts import Texts, all_texts
from chain.addresses import AddressFault
from services.balances import Balance, Movement, proof_text
from services.customers import Language, SavedAddress
from services.early_ends import EarlyEnd
from services.energy import DestinationFacts, RecipientFacts, TransferNeed
from services.extensions import ExtensionOffer, ExtensionOffers
from services.held import Choice, HeldMoney, HeldPayment
from services.inventory import Outlook
from services.ledger import Event
from services.maintenance import Closure
from services.matching import HeldReason
from services.order_ends import Compensation
from services.order_views import OrderStatus, OrderView, Origin, Stage
from services.orders import OrderPage
from services.pools import Trouble
from services.prices import Price
from services.pricing import Tariff
from services.quotes import Quote, QuoteFault, TypicalPrice
from services.refunds import Refund, RefundWait
from services.staff import Actor, Role
from services.tokens import Token
from tests.bot.office.samples import office_cards
from tests.support.shop import USDT, address

TEXTS = all_texts("https://tronscan.org/#")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ANN, BEN, PAYMENTS = address("ann"), address("ben"), address("payments")
PAYMENT_ENDS = (
    *("credited", "refunding", "refunded", "matched", "delivered", "lost", "orphaned"),
    *("own", "flash"),
)
EVERYBODY = (Language.ZH, Language.EN, Language.RU)

HOUR = Price("1h-40-1", timedelta(hours=1), Tariff(40, 1_000_000))
ODD = Price("odd", timedelta(days=1, hours=2, minutes=30), Tariff(170, 1_000_000))
PRICES = [HOUR, *(replace(ODD, duration=ODD.duration * number) for number in range(1, 8))]
DRAFT = Draft(recipient=ANN, transfers=3)
TETHER = Token(USDT, "USDT", 6)
ODD_TOKEN = Token(PAYMENTS, "LONGESTNAME1", 18)
NEWCOMER = DestinationFacts(BEN, holds_token=False, activated=False, is_contract=False)
CONTRACT = DestinationFacts(BEN, holds_token=True, activated=True, is_contract=True)

QUOTE = Quote(
    id=UUID(int=2**128 - 1),
    recipient=ANN,
    destination=None,
    destination_facts=None,
    token=TETHER,
    token_units=None,
    token_missing=False,
    transfers=1,
    budget_buys=None,
    energy_per_transfer=70_714,
    energy_next=70_714,
    energy_own=0,
    own_energy=0,
    energy=70_714,
    price=HOUR,
    price_sun=2_828_560,
    price_per_transfer_sun=2_828_560,
    burn_sun=6_428_500,
    bandwidth_sun=0,
    available_energy=1_234_567,
    holds_until=NOW + timedelta(minutes=10),
    estimated=True,
)
LONGEST_QUOTE = replace(
    QUOTE,
    destination=BEN,
    destination_facts=NEWCOMER,
    token=ODD_TOKEN,
    token_missing=True,
    transfers=1000,
    energy=143_314_000,
    energy_per_transfer=143_314,
    energy_next=70_714,
    energy_own=143_313,
    own_energy=143_313,
    price=replace(ODD, tariff=Tariff(170, 1_000_000, surge_percent=250)),
    bandwidth_sun=345_000_000,
    price_sun=123_456_789_012,
    burn_sun=234_567_890_123,
    available_energy=9_999_999_999,
    estimated=False,
)

ORDER = OrderView(
    id=UUID(int=2**128 - 1),
    number=1001,
    origin=Origin.ASKED,
    user_id=7,
    stage=Stage.AWAITING,
    status=OrderStatus.PENDING,
    recipient=ANN,
    destination=None,
    destination_holds_token=True,
    token_address=None,
    token_units=None,
    symbol="USDT",
    payment_address=PAYMENTS,
    amount_sun=2_829_113,
    due_sun=2_829_113,
    received_sun=0,
    balance_sun=0,
    credited_sun=0,
    balance_available_sun=0,
    transfers=1,
    energy_per_transfer=70_714,
    energy_next=70_714,
    energy_own=0,
    energy=70_714,
    estimated=False,
    duration=timedelta(hours=1),
    burn_sun=6_428_500,
    ordered_at=NOW,
    pay_until=NOW + timedelta(minutes=30),
    paid_at=NOW,
    completed_at=NOW + timedelta(seconds=6),
    expires_at=NOW + timedelta(hours=1),
    ended_at=NOW + timedelta(hours=1, seconds=6),
    payment_txid="ab" * 32,
    payment_seen_at=NOW,
    delegation_txids=("cd" * 32,),
    reclaim_txids=("ef" * 32,),
    energy_used=64_285,
    failure="no_energy",
    compensation=Compensation.REFUND,
    card_chat_id=None,
    card_message_id=None,
    now=NOW,
    extends_id=None,
    extends_number=None,
    rental_expires_at=None,
    extended=timedelta(0),
    extensions_sun=0,
    ended_early_at=None,
    early_credit_sun=0,
    waits_for_person=False,
    price_id="hour",
    client_order_id=None,
)
TYPICAL = TypicalPrice(2_828_560, 6_428_500, 70_714)
CLOSED = Closure(closed=True, since=NOW, by=7, messages=dict.fromkeys(Language, "15:00 UTC"))
LONGEST_ORDER = replace(
    ORDER,
    number=9_999_999_999,
    destination=BEN,
    symbol="LONGESTNAME1",
    amount_sun=123_456_789_012_345,
    due_sun=113_456_789_012_345,
    received_sun=10_000_000_000_000,
    credited_sun=10_000_000_000_000,
    balance_available_sun=123_456_789_012_345,
    transfers=1000,
    energy=143_314_000,
    duration=timedelta(days=364, hours=23, minutes=59),
    burn_sun=999_456_789_012_345,
    completed_at=NOW + timedelta(seconds=123_456),
    expires_at=NOW + timedelta(days=364),
    ended_at=NOW + timedelta(days=364),
    pay_until=NOW - timedelta(days=2),
    delegation_txids=("cd" * 32,) * 12,
    reclaim_txids=("ef" * 32,) * 12,
    energy_used=143_000_000,
)
EXTENSION = replace(
    ORDER,
    origin=Origin.EXTENSION,
    extends_id=UUID(int=2**127),
    extends_number=1001,
    number=1002,
    burn_sun=0,
    delegation_txids=(),
    reclaim_txids=(),
    energy_used=None,
    rental_expires_at=NOW + timedelta(hours=2),
    failure="rental_over",
)
BARE_ORDER = replace(
    ORDER,
    paid_at=None,
    completed_at=None,
    expires_at=None,
    ended_at=None,
    payment_txid=None,
    payment_seen_at=None,
    delegation_txids=(),
    reclaim_txids=(),
    energy_used=None,
    failure=None,
)
OWNER = Actor(1, Role.OWNER)
HELD = HeldPayment(
    id=1,
    txid="ab" * 32,
    sender=BEN,
    receiver=PAYMENTS,
    amount_sun=123_456_789,
    status="held",
    reason=HeldReason.NO_ORDER,
    user_id=7,
    order_id=None,
    order_number=None,
    time=NOW,
    choose_until=NOW + timedelta(hours=24),
    possible=(Choice.CREDIT, Choice.REFUND),
    transfers=0,
    refund_fee_sun=300_000,
    from_wallet=True,
    adrift=False,
)


REFUND = Refund(
    id=1,
    user_id=7,
    to=ANN,
    amount_sun=123_456_789_012_345,
    fee_sun=300_000,
    sent_sun=123_456_789_012_345 - 300_000,
    done=False,
    waits_for=None,
    txid=None,
    requested_at=NOW,
)


def every_card(language: Language) -> Iterator[tuple[str, Card]]:
    """Every card of the bot, in every variant, by a name."""
    texts = TEXTS[language]
    yield from _around(texts)
    yield from _addresses(texts)
    yield from _quotes(texts)
    yield from _orders(texts)
    yield from _time(texts)
    yield from _money(texts)
    yield from _payments(texts)
    yield from _operator(texts)
    yield from _alarms(texts)
    yield from office_cards(texts, LONGEST_ORDER)


def _around(texts: Texts) -> Iterator[tuple[str, Card]]:
    yield "menu", cards.menu(texts, TypicalPrice(2_828_560, 6_428_500, 70_714))
    yield "menu, dear", cards.menu(texts, TypicalPrice(9_828_560, 6_428_500, 70_714))
    yield "menu without a price", cards.menu(texts, None)
    for closure in (CLOSED, replace(CLOSED, messages={})):
        said = len(closure.messages)
        yield f"menu, closed, {said}", cards.menu(texts, TYPICAL, closure)
        yield f"closed, {said}", cards.closed(texts, closure)
    yield "help", cards.help_page(texts, None)
    yield "help, flash", cards.help_page(texts, PAYMENTS)
    for transfers in (0, 1, 20):
        outlook = Outlook(9_876_543, 9_999, {1: 0, 6: 123_456, 24: 99_999_999})
        yield f"available, {transfers}", cards.available(texts, outlook, transfers)
    yield "languages", cards.languages(texts, TEXTS.values())
    yield "words only", cards.asked_again(texts, texts.words_only())
    yield "not understood", cards.hint(texts, texts.not_understood())
    yield "command unknown", cards.hint(texts, texts.command_unknown())
    yield "nothing to cancel", cards.hint(texts, texts.nothing_to_cancel())
    yield "cancelled", cards.hint(texts, texts.wizard_cancelled())
    yield "transaction", cards.hint(texts, texts.looks_like_transaction())
    yield "secret", cards.asked_again(texts, texts.looks_like_secret())
    yield "private only", Card(texts.private_chats_only())
    yield "draft gone", cards.draft_gone(texts)


def _addresses(texts: Texts) -> Iterator[tuple[str, Card]]:
    saved = [SavedAddress(ANN, ""), SavedAddress(BEN, "A label that goes on and on and on")]
    yield "sender", cards.ask_sender(texts, [])
    yield "sender, saved", cards.ask_sender(texts, saved)
    for fault in AddressFault:
        yield f"address {fault}", cards.wrong_address(texts, WrongAddress(fault, 4096))
    yield "ethereum", cards.wrong_address(texts, EthereumAddress())
    yield "hex", cards.wrong_address(texts, HexAddress(BEN))
    for refusal in QuoteFault:
        yield f"wallet {refusal}", cards.wallet_refused(texts, refusal, ANN)
    rich = RecipientFacts(ANN, TETHER, 10**10, 10**18, 2)
    poor = RecipientFacts(ANN, TETHER, 0, 0, 0)
    odd = RecipientFacts(ANN, ODD_TOKEN, 10**10, 10**30, 2)
    unknown = RecipientFacts(ANN, ODD_TOKEN, 0, None, 2)
    yield "destination", cards.ask_destination(texts, DRAFT, rich)
    yield "destination, poor", cards.ask_destination(texts, DRAFT, poor)
    yield "destination, another token", cards.ask_destination(texts, DRAFT, odd)
    yield "destination, unknown", cards.ask_destination(texts, DRAFT, unknown)
    yield "token", cards.ask_token(texts, DRAFT)
    other = replace(DRAFT, token=PAYMENTS, symbol="LONGESTNAME1")
    yield "token, not USDT so far", cards.ask_token(texts, other)
    yield "no token", cards.asked_again(texts, texts.not_trc20(ANN))
    yield "amount unclear", cards.asked_again(texts, texts.amount_unclear("LONGESTNAME1"))
    yield "destination is sender", cards.asked_again(texts, texts.destination_is_sender())


def _quotes(texts: Texts) -> Iterator[tuple[str, Card]]:
    yield "transfers", cards.ask_transfers(texts, DRAFT, 1000)
    yield "transfers, few", cards.ask_transfers(texts, DRAFT, 2)
    for name, facts in (("newcomer", NEWCOMER), ("contract", CONTRACT)):
        need = TransferNeed(130_285, 64_285, simulated=True, destination=facts)
        yield f"transfers to a {name}", cards.ask_transfers(texts, DRAFT, 20, need)
    yield "transfers refused", cards.asked_again(texts, texts.transfers_refused(1000))
    yield "durations", cards.ask_duration(texts, DRAFT, PRICES)
    yield "quote", cards.quote(texts, DRAFT, QUOTE, only_duration=False)
    yield "quote, longest", cards.quote(texts, DRAFT, LONGEST_QUOTE, only_duration=True)
    dear = replace(QUOTE, price_sun=QUOTE.burn_sun)
    yield "quote, dear", cards.quote(texts, DRAFT, dear, only_duration=False)
    several = replace(QUOTE, transfers=3, energy=212_142, destination_facts=CONTRACT)
    yield "quote, several", cards.quote(texts, DRAFT, several, only_duration=False)
    own = replace(QUOTE, own_energy=20_000)
    yield "quote, own energy", cards.quote(texts, DRAFT, own, only_duration=False)
    short = replace(own, energy_own=20_000, energy=50_714)
    yield "quote, shortfall", cards.quote(texts, DRAFT, short, only_duration=False)
    most = replace(DRAFT, transfers=None, budget_sun=20_000_000)
    for buys in (3, 7):
        bought = replace(several, budget_buys=buys)
        yield f"quote, budget for {buys}", cards.quote(texts, most, bought, only_duration=False)
    yield "needs nothing", cards.needs_nothing(texts, DRAFT, 3)
    yield (
        "budget too small",
        cards.budget_too_small(texts, most, budget_sun=10**15, price_sun=10**15),
    )
    for possible in (0, 1, 12):
        yield (
            f"not enough, {possible} possible",
            cards.not_enough_energy(texts, DRAFT, available=99, transfers_possible=possible),
        )
    for fault in QuoteFault:
        yield f"quote {fault}", cards.quote_refused(texts, DRAFT, fault)


def _orders(texts: Texts) -> Iterator[tuple[str, Card]]:
    for kind, sample in (("", ORDER), (", longest", LONGEST_ORDER), (", bare", BARE_ORDER)):
        for stage in Stage:
            view = replace(sample, stage=stage)
            yield f"order {stage}{kind}", cards.order(texts, view)
            news = cards.news(texts, view)
            if news is not None:
                yield f"news {stage}{kind}", news
    odd = {
        "covered by the balance": replace(ORDER, balance_available_sun=2_829_113),
        "part of it from the balance": replace(
            ORDER,
            stage=Stage.UNDERPAID,
            received_sun=1_000_000,
            due_sun=1_829_113,
            balance_available_sun=1_829_113,
        ),
        "paid from the balance": replace(ORDER, stage=Stage.PAID, balance_sun=2_829_113),
        "delivered from the balance": replace(
            ORDER, stage=Stage.DELIVERED, balance_sun=2_829_113, payment_txid=None
        ),
        "overpaid": replace(ORDER, stage=Stage.PAID, credited_sun=1),
        "delivered overpaid": replace(ORDER, stage=Stage.DELIVERED, credited_sun=1),
    }
    for origin in (Origin.FLASH, Origin.LESS):
        for credited_sun in (0, 1_000_000):
            for stage in (Stage.PAID, Stage.DELIVERED, Stage.ENDED):
                odd[f"{stage}, {origin}, {credited_sun} left"] = replace(
                    LONGEST_ORDER, stage=stage, origin=origin, credited_sun=credited_sun
                )
    for compensation in (*Compensation, None):
        for failure in ("no_energy", "risk", "payment_lost"):
            odd[f"failed, {failure}, {compensation}"] = replace(
                LONGEST_ORDER,
                stage=Stage.FAILED,
                failure=failure,
                compensation=compensation,
                balance_sun=1,
            )
    for name, view in odd.items():
        yield f"order {name}", cards.order(texts, view)
        news = cards.news(texts, view)
        if news is not None:
            yield f"news {name}", news
    unused = replace(ORDER, stage=Stage.ENDED, energy_used=0)
    yield "order ended, unused", cards.order(texts, unused)
    little = replace(ORDER, stage=Stage.ENDED, energy_used=1_000)
    yield "order ended, little used", cards.order(texts, little)
    views = tuple(
        replace(LONGEST_ORDER, stage=stage, id=UUID(int=2**128 - number))
        for number, stage in enumerate(list(Stage)[:5], start=1)
    )
    for number in (1, 4, 7):
        yield f"orders, page {number}", cards.orders(texts, OrderPage(views, number, 7))
    yield "orders, one page", cards.orders(texts, OrderPage(views, 1, 1))
    yield "no orders", cards.orders(texts, OrderPage((), 1, 1))


def _time(texts: Texts) -> Iterator[tuple[str, Card]]:
    """More of it, or less."""
    longest = replace(
        LONGEST_ORDER,
        origin=Origin.EXTENSION,
        extends_id=UUID(int=2**127),
        extends_number=9_999_999_999,
        failure="rental_over",
    )
    for kind, sample in (("", EXTENSION), (", longest", longest)):
        for stage in Stage:
            for balance_sun in (0, 1):
                view = replace(sample, stage=stage, balance_sun=balance_sun)
                name = f"extension {stage}{kind}, {balance_sun} from the balance"
                yield name, cards.order(texts, view)
                news = cards.news(texts, view)
                if news is not None:
                    yield f"news {name}", news
    for compensation in (*Compensation, None):
        for failure in ("rental_over", "payment_lost", "no_energy"):
            failed = replace(
                longest, stage=Stage.FAILED, failure=failure, compensation=compensation
            )
            yield f"extension failed, {failure}, {compensation}", cards.order(texts, failed)
    running = replace(ORDER, stage=Stage.DELIVERED, ended_at=None)
    long_running = replace(
        LONGEST_ORDER,
        stage=Stage.DELIVERED,
        ended_at=None,
        extended=timedelta(days=364),
        extensions_sun=10**15,
    )
    early = replace(running, ended_early_at=NOW, early_credit_sun=0)
    for kind, rental in (("", running), (", longest", long_running)):
        yield f"running{kind}", cards.order(texts, rental, ends_early=True)
        offers = tuple(
            ExtensionOffer(price.duration, 123_456_789_012, NOW + price.duration)
            for price in PRICES
        )
        offered = ExtensionOffers(rental, offers)
        yield f"how much longer{kind}", time_cards.choose_extension(texts, offered)
        for most_sun in (0, 10**15):
            end = EarlyEnd(rental, 10**15, most_sun, rental.energy // 2)
            yield f"end now{kind}, {most_sun}", time_cards.end_now(texts, end)
        yield f"ending now{kind}", time_cards.rental_ending_now(texts, rental)
        buttons = [(offer.duration, offer.price_sun) for offer in offers]
        yield f"ends soon{kind}", time_cards.rental_ending(texts, rental, 70_714, buttons)
        yield f"ends soon{kind}, no offer", time_cards.rental_ending(texts, rental, 1, [])
    yield "being ended early", cards.order(texts, early, ends_early=True)
    for credit_sun in (0, 10**15):
        ended = replace(
            early,
            stage=Stage.ENDED,
            ended_at=NOW,
            extended=timedelta(hours=1),
            early_credit_sun=credit_sun,
        )
        yield f"ended early, {credit_sun}", cards.order(texts, ended)
        news = cards.news(texts, ended)
        if news is not None:
            yield f"news ended early, {credit_sun}", news
    long = replace(
        EXTENSION, extends_number=9_999_999, duration=timedelta(days=30), amount_sun=10**12
    )
    views = tuple(replace(long, stage=stage, id=UUID(int=n)) for n, stage in enumerate(Stage))
    yield "orders, extensions", cards.orders(texts, OrderPage(views[:5], 1, 1))


def _money(texts: Texts) -> Iterator[tuple[str, Card]]:
    movements = tuple(
        Movement(event, sun, number, NOW)
        for number, sun in ((None, 123_456_789_012), (9_999_999, -123_456_789_012))
        for event in get_args(Event)
    )
    waiting = tuple(replace(REFUND, waits_for=reason) for reason in RefundWait)
    on_its_way = (REFUND, replace(REFUND, txid="ab" * 32))
    yield "balance", money_cards.balance(texts, Balance(0, ()), ())
    for start in range(0, len(movements), 8):
        everything = Balance(10**15, movements[start : start + 8])
        yield f"balance, {start}", money_cards.balance(texts, everything, waiting + on_its_way)
    for name, sun, places in (
        ("", 10**15, (ANN, BEN)),
        (" nowhere", 10**15, ()),
        (" too little", 300_000, (ANN,)),
    ):
        yield f"pay out{name}", money_cards.pay_out_places(texts, sun, 300_000, places)
    yield "pay out, sure?", money_cards.pay_out_confirm(texts, ANN, 10**15, 300_000)
    yield "paid out", money_cards.pay_out_done(texts, REFUND)
    for refund in waiting:
        yield f"refund waits, {refund.waits_for}", money_cards.refund_waits(texts, refund)
    yield "refund done", money_cards.refund_done(texts, replace(REFUND, txid="ab" * 32))
    yield "prove", money_cards.ask_proved_address(texts, ())
    yield "prove, saved", money_cards.ask_proved_address(texts, (ANN, BEN))
    proof = proof_text("energy_flash_with_a_very_long_n_bot", 2**53, ANN)
    yield "sign", money_cards.ask_signature(texts, ANN, proof)
    for name, text in (
        ("signature missing", texts.signature_missing()),
        ("not proved", texts.not_proved(ANN)),
        ("address of another", texts.address_of_another(ANN)),
    ):
        yield name, money_cards.proof_refused(texts, text)
    for claimed_sun in (0, 1_500_000):
        yield f"proved, {claimed_sun}", money_cards.proved(texts, ANN, claimed_sun)


def _payments(texts: Texts) -> Iterator[tuple[str, Card]]:
    asked = replace(HELD, order_number=9_999_999, amount_sun=10**15, transfers=20)
    for reason in HeldReason:
        for possible in ((Choice.CREDIT,), (Choice.CREDIT, Choice.REFUND), tuple(Choice)):
            yield (
                f"choice {reason}, {len(possible)} ways",
                money_cards.payment_choice(texts, replace(asked, reason=reason, possible=possible)),
            )
        credited = replace(HELD, reason=reason, status="credited")
        yield f"credited {reason}", money_cards.payment_credited(texts, credited)
    yield "choice, odd", money_cards.payment_choice(texts, replace(HELD, reason="what_else"))
    yield "credited, no reason", money_cards.payment_credited(texts, replace(HELD, reason=""))
    for status in PAYMENT_ENDS:
        decided = replace(asked, status=status, possible=())
        yield f"choice made, {status}", money_cards.payment_choice(texts, decided)


def _notice(texts: Texts, payment: HeldPayment) -> Card:
    return operator_cards.payment_held(texts, payment, OWNER)


def _operator(texts: Texts) -> Iterator[tuple[str, Card]]:
    for reason in HeldReason:
        yield (
            f"held {reason}",
            _notice(texts, replace(HELD, reason=reason)),
        )
    meant = replace(HELD, order_number=9_999_999)
    yield "held, meant for an order", _notice(texts, meant)
    yield (
        "held, odd reason",
        _notice(texts, replace(HELD, reason="what_else")),
    )
    yield "order failed", operator_cards.order_failed(texts, LONGEST_ORDER)
    yield (
        "order failed, odd",
        operator_cards.order_failed(texts, replace(ORDER, failure="what_else")),
    )
    yield "order failed, bare", operator_cards.order_failed(texts, BARE_ORDER)
    for waiting in (0, 1, 5):
        yield (
            f"admin, {waiting} waiting",
            operator_cards.overview(texts, waiting, HeldMoney(0, 0, ())),
        )
    everything = HeldMoney(
        1_000,
        10**15,
        tuple(replace(HELD, order_number=9_999_999, id=10**9 + number) for number in range(5)),
    )
    yield "admin, much held", operator_cards.overview(texts, 5, everything)
    for status in PAYMENT_ENDS:
        decided = replace(HELD, status=status, possible=())
        yield f"decided, {status}", _notice(texts, decided)
    nobodys = replace(HELD, user_id=None, choose_until=None, possible=tuple(Choice), transfers=2)
    yield "held, nobody's", _notice(texts, nobodys)
    yield (
        "held, not asked",
        _notice(texts, replace(HELD, choose_until=None)),
    )
    for kind, payment in (("a customer's", HELD), ("nobody's", nobodys)):
        for choice in Choice:
            yield f"sure to {choice} {kind}?", Card(texts.held_confirm(payment, choice))
    yield "assigned", Card(texts.assigned(HELD, 9_999_999))
    yield "how to assign", Card(texts.assign_usage())
    yield "kept", Card(texts.kept(HELD))
    yield "how to keep", Card(texts.keep_usage())
    for compensation in (*Compensation, None):
        failed = replace(ORDER, compensation=compensation, failure="payment_lost", user_id=None)
        yield f"order failed, {compensation}", operator_cards.order_failed(texts, failed)
    stuck = tuple(
        replace(REFUND, id=number, waits_for=reason) for number, reason in enumerate(RefundWait)
    )
    for refund in stuck:
        yield f"refund stuck, {refund.waits_for}", operator_cards.refund_stuck(texts, refund, OWNER)
    yield "refunds", operator_cards.refunds(texts, (*stuck, replace(REFUND, txid="ab" * 32)), OWNER)
    yield "refunds, none", operator_cards.refunds(texts, (), OWNER)
    yield "refund, sure?", Card(texts.refund_confirm(REFUND))
    yield "refund approved", operator_cards.refund_approved(texts, REFUND)


def _alarms(texts: Texts) -> Iterator[tuple[str, Card]]:
    meant = replace(HELD, order_number=9_999_999)
    for lost in ({}, {"lost_sun": 0}, {"lost_sun": 1_000_000}):
        yield f"payment lost, {lost}", operator_cards.payment_lost(texts, meant, lost)
    for kind, amount, receiver in (("TransferContract", 1, BEN), ("FreezeBalanceV2", None, None)):
        details: dict[str, object] = {
            "txid": "ab" * 32,
            "owner": ANN,
            "kind": kind,
            "amount_sun": amount,
            "receiver": receiver,
        }
        yield f"unknown {kind}", operator_cards.unknown_transaction(texts, details)
    for trouble in Trouble:
        pool = {
            "pool": BEN,
            "trouble": trouble,
            "permission_id": 3,
            "key_address": PAYMENTS,
        }
        yield f"pool out, {trouble}", operator_cards.pool_out(texts, pool)
    for count in (1, 10, 50):
        differences = [f"{number} {'TRX ' * 200}" for number in range(min(count, 20))]
        yield (
            f"{count} differences",
            operator_cards.books_differ(texts, {"differences": differences, "count": count}),
        )
    for rentals, no_bandwidth in ((1, True), (3, False), (25, True)):
        yield (
            f"reclaims refused, {rentals}",
            operator_cards.reclaims_refused(
                texts, {"pool": ANN, "rentals": rentals, "no_bandwidth": no_bandwidth}
            ),
        )
