"""The composition root: builds the business out of its parts.

Whatever a part needs is given to it here, by its constructor. Nothing else knows the whole.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from chain.addresses import Address
from chain.errors import ChainError
from chain.node import Endpoint, NodeCall, NodeClient
from configured_keys import key_address, open_keys, signing_key
from db.database import Database, again_after_conflict
from db.prices import PriceRow
from services.acts import Acts
from services.adrift import Adrift
from services.alerts import Alerts, AlertTerms
from services.api_keys import ApiKeys
from services.api_requests import ApiRequests
from services.audit import Audit
from services.availability import Availability
from services.balances import Balances
from services.broadcasts import Broadcasts
from services.crediting import Crediting, CreditTerms
from services.customers import Customers, Language
from services.delegations import Delegations, DeliveryTerms
from services.delivery_figures import PublicFigures
from services.early_ends import EarlyEnds, EarlyEndTerms
from services.endings import Endings, EndingTerms
from services.energy import EnergyFigures, EnergyNeeds
from services.exports import Exports
from services.exposition import Exposition
from services.extensions import Extensions, ExtensionTerms
from services.fail_points import reach
from services.figures import Figures
from services.flash import FlashRentals, FlashTerms
from services.held import HeldPayments
from services.held_acts import HeldActs
from services.inventory import Inventory, PoolLimits
from services.jobs import Job, Post
from services.key_acts import KeyActs
from services.key_ring import KeyRing
from services.limits import OrderLimits
from services.live import Live
from services.live_settings import SETTINGS_TOPIC, LiveSettings
from services.maintenance import Maintenance
from services.matching import MatchTerms
from services.metrics import Metrics
from services.notices import (
    ALERT_TOPIC,
    BLOCK_TOPIC,
    DELIVERY_TOPIC,
    PAYMENT_TOPIC,
    POOL_TOPIC,
    RECLAIM_TOPIC,
    REFUND_TOPIC,
)
from services.order_acts import OrderActs
from services.order_details import OrderDetails
from services.order_ends import Compensation, OrderEnds
from services.order_search import OrderSearch
from services.orders import Orders, OrderTerms
from services.orphans import Orphans
from services.outbox import Outbox
from services.owner import OwnerTransactions
from services.payments import OurAddresses, Payments
from services.people import People
from services.pool_adding import PoolAdding
from services.pool_keeping import PoolKeeping
from services.pool_watch import PoolWatch
from services.pools import DeclaredPool, Pools
from services.price_keeping import PriceKeeping
from services.prices import PriceList, publish_prices
from services.quotes import Quotes, QuoteTerms
from services.reclaims import Reclaims
from services.refund_transfers import RefundTransfers
from services.refunds import Refunds, RefundTerms, RefundWallet
from services.reports import Reports
from services.risk import Outcome, RiskReason, RiskRule, RiskRules
from services.risk_check import RiskCheck
from services.risk_review import RiskReview
from services.scanner import Scanner
from services.solid import SolidChain
from services.staff import Right, Role, Staff
from services.surge import SurgeStep
from services.tokens import TokenFigures, Tokens
from services.trail import Trail
from services.watches import ChainWatch, MachineWatch, StockWatch
from services.webhooks import Webhooks
from services.write_ahead import WriteAhead

if TYPE_CHECKING:
    from settings import Settings

_Terms = TypeVar("_Terms")

THIS_MACHINE = f"machine {platform.node()}"
"""How alerts name it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """The business on one database and one client of the chain."""

    staff: Staff
    acts: Acts
    trail: Trail
    customers: Customers
    quotes: Quotes
    orders: Orders
    extensions: Extensions
    early_ends: EarlyEnds
    endings: Endings
    balances: Balances
    refunds: Refunds
    refund_transfers: RefundTransfers
    held_payments: HeldPayments
    held_acts: HeldActs
    order_acts: OrderActs
    order_search: OrderSearch
    order_details: OrderDetails
    outbox: Outbox
    scanner: Scanner
    crediting: Crediting
    flash: FlashRentals
    adrift: Adrift
    owner: OwnerTransactions
    delegations: Delegations
    reclaims: Reclaims
    write_ahead: WriteAhead
    inventory: Inventory
    pools: Pools
    pool_watch: PoolWatch
    pool_keeping: PoolKeeping
    pool_adding: PoolAdding
    price_keeping: PriceKeeping
    audit: Audit
    orphans: Orphans
    figures: Figures
    availability: Availability
    public_figures: PublicFigures
    reports: Reports
    exports: Exports
    alerts: Alerts
    chain_watch: ChainWatch
    stock_watch: StockWatch
    machine_watch: MachineWatch
    maintenance: Maintenance
    risk: RiskReview
    live_settings: LiveSettings
    people: People
    broadcasts: Broadcasts
    api_keys: ApiKeys
    key_acts: KeyActs
    api_requests: ApiRequests
    exposition: Exposition
    webhooks: Webhooks

    def jobs(self, poll_seconds: float) -> tuple[Job, ...]:
        """What the business does by itself, and where.

        What must happen once is done by the scanner that leads, so that no two are in each other's
        way; each of these is safe all the same if two do it at once, like those of workers.
        """
        block = frozenset({BLOCK_TOPIC})
        order = frozenset({BLOCK_TOPIC, DELIVERY_TOPIC})
        ended = frozenset({BLOCK_TOPIC, RECLAIM_TOPIC})
        everywhere = (
            Job("change settings", self.live_settings.refresh, 30, frozenset({SETTINGS_TOPIC})),
            Job("know the pools", self.inventory.refresh, 15, frozenset({POOL_TOPIC})),
        )
        of_workers = (
            Job("deliver paid orders", self.delegations.deliver_due, 10, order),
            Job("prolong rentals", self.extensions.apply_due, 10, order),
            Job("send transactions", self.write_ahead.broadcast_due, 2),
            Job("read delegations back", self.delegations.confirm_due, 10, block),
            Job("bury dead transactions", self.write_ahead.bury_expired, 10, block),
            Job("take rentals back", self.reclaims.reclaim_due, 10, ended),
            Job("close rentals", self.reclaims.finish_due, 10, ended),
            Job("rent in a flash", self.flash.rent_due, 10, frozenset({PAYMENT_TOPIC})),
            Job(
                "send refunds",
                self.refund_transfers.send_due,
                10,
                frozenset({BLOCK_TOPIC, REFUND_TOPIC}),
            ),
            Job("finish refunds", self.refund_transfers.finish_due, 10, block),
        )
        of_the_scanner = (
            Job("scan the chain", self.chain_watch.scan, poll_seconds),
            Job("look after the pools", self.pool_watch.watch_due, 15, frozenset({POOL_TOPIC})),
            Job("ask about risky orders", self.risk.ask_due, 10, frozenset({DELIVERY_TOPIC})),
            Job("announce ends", self.endings.announce_due, 10, block),
            Job("expire unpaid orders", self.orders.expire_due, 10, block),
            Job("credit large payments", self.crediting.credit_solid, 10, block),
            Job("credit what nobody chose about", self.held_payments.decide_unchosen, 60),
            Job("decide about payments adrift", self.adrift.decide_due, 10, block),
            Job("book fees and the owner's doings", self.owner.book_due, 30),
            Job("audit the books", self.audit.watch_due, 60, deadline_seconds=300),
            # Oftener than once a minute, so that none is passed over: each is noted once.
            Job("note whether it could sell", self.availability.note, 15),
            Job("announce the day's report", self.reports.announce_due, 60),
            Job("release amounts", self.orders.release_amounts, 600),
            Job("forget lapsed quotes", self.quotes.forget_lapsed, 3600),
            Job("forget answered requests", self.api_requests.forget_old, 3600),
            Job("forget old events", self.webhooks.forget_old, 3600),
            Job("watch the free energy", self.stock_watch.watch_due, 60),
        )
        # By whoever can tell of it; a scanner that is gone would not miss itself.
        of_the_bot = (
            Job("tell alerts", self.alerts.ring_due, 10, frozenset({ALERT_TOPIC})),
            Job("watch the scanner", self.chain_watch.watch_due, 15),
        )
        of_a_host = (Job("watch the machine", self.machine_watch.watch_due, 15),)
        table = (
            (Post.PROCESS, everywhere),
            (Post.WORKER, of_workers),
            (Post.SCANNER, of_the_scanner),
            (Post.BOT, of_the_bot),
            (Post.HOST, of_a_host),
        )
        return tuple(replace(job, post=post) for post, jobs in table for job in jobs)


def build_services(
    settings: Settings,
    database: Database,
    node: NodeClient,
    keys: KeyRing | None = None,
    metrics: Metrics | None = None,
) -> Services:
    """Build the business as `settings` want it, by the keys that it names.

    Needs payment.address to be set. `metrics` are those that the client of the nodes tells, and the
    jobs; they are exposed with what the database says.

    Raises:
        SettingsError: `keys` are not given and cannot be opened.
    """
    payment_address = settings.payment.address
    if payment_address is None:
        raise ValueError("payment.address is not set")
    if keys is None:
        keys = open_keys(settings)
    pools = Pools(keys)
    energy = settings.energy
    payment = settings.payment
    staff = staff_of(settings)
    acts = Acts(database)
    wallet = _refund_wallet(settings, keys)
    ours = OurAddresses(
        payment=frozenset({payment_address}),
        refund_wallet=wallet.address if wallet else None,
        refund_permission=wallet.permission_id if wallet else 0,
        lenders=pools,
        treasury=frozenset(payment.treasury),
    )
    solid = SolidChain(node, database)
    write_ahead = WriteAhead(node, database, solid)
    figures = EnergyFigures(
        energy.holder,
        energy.non_holder,
        energy.fee_sun,
        new_account=energy.new_account,
        tokens=tuple(
            TokenFigures(token.address, token.symbol, token.holder, token.non_holder)
            for token in energy.tokens
        ),
    )
    tokens = Tokens(node, settings.tron.usdt_contract, figures.tokens)
    needs = EnergyNeeds(node, tokens, figures)
    inventory = Inventory(
        node,
        database,
        pools,
        needs,
        PoolLimits(
            delegation_energy=settings.limits.delegation_energy,
            hourly_delegations=settings.limits.pool_hour,
        ),
    )
    surge = tuple(SurgeStep(step.free_percent, step.add_percent) for step in energy.surge)
    prices = PriceList(database, inventory, surge)
    terms = _LiveTerms(settings, payment_address, wallet)
    refunds = Refunds(database, terms.refund, ours=ours)
    ends = OrderEnds(
        refunds,
        compensation=Compensation(energy.undeliverable),
        orders_chat=settings.telegram.orders_chat,
    )
    risk = RiskCheck(risk_rules(settings), exchanges=frozenset(payment.exchanges))
    crediting = Crediting(database, solid, terms.credit, risk=risk)
    owner = OwnerTransactions(node, database, solid, ours=ours)
    payments = Payments(
        terms.match,
        ours=ours,
    )
    held_payments = HeldPayments(database, refunds)
    availability = Availability(node, database)
    orders = Orders(database, inventory, terms.order, risk=risk)
    scanner = Scanner(node, database, payments=payments, crediting=crediting, owner=owner)
    delegations = Delegations(
        node=node,
        database=database,
        pools=pools,
        inventory=inventory,
        write_ahead=write_ahead,
        ends=ends,
        terms=DeliveryTerms(patience=timedelta(minutes=energy.patience_minutes)),
    )
    extension_terms = ExtensionTerms(minimum_sun=settings.extensions.minimum_sun)
    return Services(
        staff=staff,
        acts=acts,
        trail=Trail(database),
        customers=Customers(database),
        quotes=Quotes(
            database,
            needs,
            inventory,
            prices,
            terms.quote,
            own_addresses=ours,
        ),
        orders=orders,
        extensions=Extensions(database, orders, ends, extension_terms, risk=risk),
        early_ends=EarlyEnds(node, database, terms.early_end),
        endings=Endings(
            node,
            database,
            terms.ending,
            extension_terms,
        ),
        balances=Balances(database),
        refunds=refunds,
        refund_transfers=RefundTransfers(node, database, write_ahead, solid, terms.refund),
        held_payments=held_payments,
        outbox=Outbox(
            database, held_payments, group_language=Language(settings.telegram.chat_language)
        ),
        held_acts=HeldActs(
            database,
            acts=acts,
            held_payments=held_payments,
        ),
        order_acts=OrderActs(
            database,
            acts=acts,
            delegations=delegations,
            ends=ends,
            refunds=refunds,
            early_end=terms.early_end,
        ),
        order_search=OrderSearch(database),
        order_details=OrderDetails(database, payment_address),
        scanner=scanner,
        crediting=crediting,
        flash=FlashRentals(
            node=node,
            database=database,
            needs=needs,
            prices=prices,
            inventory=inventory,
            ends=ends,
            risk=risk,
            terms=terms.flash,
        ),
        adrift=Adrift(node, database, solid, ends),
        owner=owner,
        delegations=delegations,
        reclaims=Reclaims(node, database, pools, write_ahead),
        write_ahead=write_ahead,
        inventory=inventory,
        pools=pools,
        pool_watch=PoolWatch(node, database, pools, inventory, needs, receiver=payment_address),
        pool_keeping=PoolKeeping(database, pools, inventory, acts),
        pool_adding=PoolAdding(
            node,
            database,
            pools,
            inventory,
            acts,
            keys,
            payment_address=payment_address,
            refund_wallet=wallet.address if wallet else None,
            # A pool's key lies open while the shop runs; theirs moves customers' money.
            money_keys={payment_address, *({wallet.key.address} if wallet else ())},
        ),
        price_keeping=PriceKeeping(
            database, prices, needs, acts, margin_percent=energy.margin_percent
        ),
        audit=Audit(
            node,
            database,
            payments=payments,
            owner=owner,
            ours=ours,
        ),
        orphans=Orphans(node, database, pools, write_ahead),
        figures=Figures(node, database, inventory, wallet=wallet.address if wallet else None),
        availability=availability,
        public_figures=PublicFigures(database, availability),
        reports=Reports(
            database,
            availability,
            hour=settings.reports.hour,
            readers=staff.with_right(Right.PAY),
        ),
        exports=Exports(database),
        alerts=Alerts(
            database,
            staff,
            AlertTerms(
                chat=settings.telegram.alerts_chat,
                first_repeat=timedelta(minutes=settings.alerts.first_repeat_minutes),
            ),
        ),
        chain_watch=ChainWatch(node, database, scanner),
        stock_watch=StockWatch(database, inventory, least_energy=settings.alerts.free_energy),
        machine_watch=MachineWatch(
            database,
            percent=settings.alerts.load_percent,
            lasting=timedelta(minutes=settings.alerts.load_minutes),
            subject=THIS_MACHINE,
        ),
        maintenance=Maintenance(database, acts),
        live_settings=LiveSettings(database, acts, settings, terms.apply),
        risk=RiskReview(database, risk, ends, acts, deciders=staff.with_right(Right.PAY)),
        people=People(database, acts, staff),
        broadcasts=Broadcasts(database, acts),
        api_keys=ApiKeys(database),
        key_acts=KeyActs(database, acts),
        api_requests=ApiRequests(database),
        exposition=Exposition(
            metrics or Metrics(),
            node,
            database,
            availability,
            wallet=wallet.address if wallet else None,
        ),
        webhooks=Webhooks(database),
    )


class _LiveTerms:
    """The operator's rules, as far as they may change while the shop runs."""

    def __init__(
        self, settings: Settings, payment_address: Address, wallet: RefundWallet | None
    ) -> None:
        self._settings = settings
        self._change: list[Callable[[Settings], None]] = []
        self.match = self._live(_match_terms)
        self.credit = self._live(_credit_terms)
        self.quote = self._live(_quote_terms)
        self.order = self._live(partial(_order_terms, payment_address=payment_address))
        self.flash = self._live(_flash_terms)
        self.refund = self._live(partial(_refund_terms, wallet=wallet))
        self.early_end = self._live(_early_end_terms)
        self.ending = self._live(_ending_terms)

    def _live(self, build: Callable[[Settings], _Terms]) -> Live[_Terms]:
        """Rules that are built from the settings now, and again with every change of them."""
        live = Live(build(self._settings))

        def change(settings: Settings) -> None:
            live.now = build(settings)

        self._change.append(change)
        return live

    def apply(self, settings: Settings) -> None:
        """From now on these count."""
        for change in self._change:
            change(settings)


def _limits(settings: Settings) -> OrderLimits:
    return OrderLimits(
        order_energy=settings.limits.order_energy,
        receiver_hour=settings.limits.receiver_hour,
        user_day=settings.limits.user_day,
    )


def _choice(settings: Settings) -> timedelta:
    return timedelta(hours=settings.payment.choice_hours)


def _match_terms(settings: Settings) -> MatchTerms:
    payment = settings.payment
    return MatchTerms(
        dust_sun=payment.dust_sun,
        tolerance_percent=payment.tolerance_percent,
        grace=timedelta(minutes=payment.grace_minutes),
        flash=payment.flash,
    )


def _credit_terms(settings: Settings) -> CreditTerms:
    payment = settings.payment
    return CreditTerms(
        confirmations=payment.confirmations,
        solid_from_sun=payment.solid_from_sun,
        tolerance_percent=payment.tolerance_percent,
        choice=_choice(settings),
    )


def _quote_terms(settings: Settings) -> QuoteTerms:
    return QuoteTerms(
        margin_percent=settings.energy.margin_percent,
        largest_order_transfers=settings.energy.largest_order_transfers,
        open_orders_per_user=settings.payment.open_orders,
        holds_for=timedelta(minutes=settings.payment.quote_minutes),
        limits=_limits(settings),
    )


def _order_terms(settings: Settings, payment_address: Address) -> OrderTerms:
    payment = settings.payment
    grace = timedelta(minutes=payment.grace_minutes)
    return OrderTerms(
        payment_address=payment_address,
        time_to_pay=timedelta(minutes=payment.minutes),
        amount_tail_sun=payment.amount_tail_sun,
        # What can still settle is still reserved.
        reserved_for=max(timedelta(hours=payment.reserve_hours), grace),
        open_orders_per_user=payment.open_orders,
        grace=grace,
        choice=_choice(settings),
        limits=_limits(settings),
    )


def _flash_terms(settings: Settings) -> FlashTerms:
    return FlashTerms(
        margin_percent=settings.energy.margin_percent,
        most_transfers=settings.energy.largest_order_transfers,
        exchanges=frozenset(settings.payment.exchanges),
        choice=_choice(settings),
        limits=_limits(settings),
    )


def _refund_terms(settings: Settings, wallet: RefundWallet | None) -> RefundTerms:
    return RefundTerms(
        wallet=wallet,
        per_refund_sun=settings.refunds.per_refund_sun,
        daily_sun=settings.refunds.daily_sun,
        fee_sun=settings.refunds.fee_sun,
        exchanges=frozenset(settings.payment.exchanges),
    )


def _early_end_terms(settings: Settings) -> EarlyEndTerms:
    return EarlyEndTerms(percent=settings.energy.early_end_percent)


def _ending_terms(settings: Settings) -> EndingTerms:
    return EndingTerms(notice=timedelta(minutes=settings.energy.ending_notice_minutes))


def staff_of(settings: Settings) -> Staff:
    """Who works in the shop."""
    telegram = settings.telegram
    return Staff(
        {
            **dict.fromkeys(telegram.admins, Role.OWNER),
            **dict.fromkeys(telegram.operators, Role.OPERATOR),
            **dict.fromkeys(telegram.support, Role.SUPPORT),
            **dict.fromkeys(telegram.viewers, Role.VIEWER),
        }
    )


def risk_rules(settings: Settings) -> RiskRules:
    """The operator's rule for every reason."""
    risk = settings.risk
    user, address = Outcome(risk.user_outcome), Outcome(risk.address_outcome)
    listed = RiskRule(Outcome(risk.listed_outcome))
    return {
        RiskReason.ADDRESS_LISTED: listed,
        RiskReason.USER_LISTED: listed,
        RiskReason.USER_HOUR: RiskRule(user, risk.user_hour),
        RiskReason.USER_DAY: RiskRule(user, risk.user_day),
        RiskReason.ADDRESS_HOUR: RiskRule(address, risk.address_hour),
        RiskReason.ADDRESS_DAY: RiskRule(address, risk.address_day),
        RiskReason.ORDER_SIZE: RiskRule(Outcome(risk.order_outcome), risk.order_sun),
        RiskReason.FRESH_AND_BIG: RiskRule(
            Outcome(risk.fresh_outcome), risk.fresh_sun, risk.fresh_orders
        ),
        RiskReason.NO_TOKENS: RiskRule(Outcome(risk.no_tokens_outcome)),
        RiskReason.FROM_EXCHANGE: RiskRule(Outcome(risk.exchange_outcome)),
        RiskReason.FROM_CONTRACT: RiskRule(Outcome(risk.contract_outcome)),
        RiskReason.UNDONE: RiskRule(
            Outcome(risk.undone_outcome), risk.undone_percent, risk.undone_orders
        ),
    }


def _declared_pools(settings: Settings) -> Iterator[DeclaredPool]:
    for pool in settings.pools:
        yield DeclaredPool(
            address=pool.address,
            permission_id=pool.permission_id,
            key_address=key_address(settings, pool),
            reserve_sun=pool.reserve_sun,
            cap_sun=pool.cap_sun,
            hourly_delegations=pool.hourly_delegations,
            priority=pool.priority,
            cost_sun=pool.cost_sun,
        )


def _refund_wallet(settings: Settings, keys: KeyRing) -> RefundWallet | None:
    refunds = settings.refunds
    if refunds.key is None and refunds.key_name is None:
        return None
    key = signing_key(settings, refunds, keys)
    return RefundWallet(refunds.address or key.address, refunds.permission_id, key)


def node_client(
    settings: Settings, observe: Callable[[NodeCall], None] | None = None
) -> NodeClient:
    """The client of the configured TRON nodes; `observe` is told of every call."""
    return NodeClient(
        [
            Endpoint(
                node.url,
                node.solidity_url,
                node.api_key.get_secret_value() if node.api_key else None,
            )
            for node in settings.tron.nodes
        ],
        requests_per_second=settings.tron.requests_per_second,
        observe=observe,
    )


@again_after_conflict
async def prepare(settings: Settings, database: Database, services: Services) -> None:
    """Bring prices and pools of the configuration into the database, and check the chain.

    Raises:
        WrongChain: the database belongs to another chain.
    """
    await publish_prices(
        database,
        (
            PriceRow(
                id="",
                duration_hours=price.duration_hours,
                sun_per_energy=price.sun_per_energy,
                minimum_sun=price.minimum_sun,
                step_energy=tuple(step.from_energy for step in price.steps),
                step_sun=tuple(step.sun_per_energy for step in price.steps),
                valid_from=price.valid_from,
                valid_until=price.valid_until,
            )
            for price in settings.prices
        ),
    )
    reach("prices published")
    await services.live_settings.refresh()
    async with database.transaction() as tx:
        await services.pools.declare(tx, _declared_pools(settings))
    try:
        await services.scanner.recognise_chain()
    except ChainError as error:
        log.warning("no TRON node answers yet, going on without: %s", error)
