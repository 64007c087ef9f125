"""The Python client buys energy from the real API, and knows all that the API can do."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import httpx
import pytest

from api import examples
from api.problems import Code
from energy_flash_client import (
    ApiProblem,
    AsyncEnergyFlash,
    EnergyFlash,
    NoAnswer,
    NotFromTheShop,
    UnexpectedAnswer,
    calls,
    shapes,
    verify_webhook,
)
from energy_flash_client.calls import Call
from energy_flash_client.course import LONGEST_WISH, Course
from energy_flash_client.exact_json import exact
from services.api_keys import Scope
from services.order_views import OrderStatus
from services.webhook_signing import NotOurs, shown_secret, signed, verify
from services.webhooks import DeliveryState, EventKind
from tests.api.conftest import Api, open_api
from tests.api.purchases import give, pay
from tests.api.receiver import receiving
from tests.api.test_openapi import application_of_nobody
from tests.support.shop import TRX, address, open_shop

T = TypeVar("T")
ID = UUID(examples.ORDER_ID)


async def whole_purchase(
    api: Api, ask: Callable[[Callable[..., Any]], Callable[..., Awaitable[Any]]], shop: Any
) -> None:
    """From the prices to the energy; `ask` lets a method of either client be awaited."""
    recipient = address("ann")
    assert (await ask(shop.health)()).status == "ok"
    [hour, *_] = await ask(shop.prices)()
    wanted = {"recipient_address": recipient, "price_config_id": hour.price_config_id}
    calculated = await ask(shop.calculate)(**wanted, trx_amount=Decimal("6.000001"))
    assert calculated.transaction_count == 2
    placed = await ask(shop.create)(**wanted, trx_amount="6", client_order_id="cart 1")
    assert await ask(shop.create)(**wanted, trx_amount="6", client_order_id="cart 1") == placed
    order = placed.order
    assert isinstance(order.trx_amount, Decimal)
    assert 0 < order.trx_amount - calculated.price_trx < 1
    monitored = await ask(shop.monitor)(
        order_id=placed.order_id,
        payment_address=order.payment_address,
        expected_amount=order.trx_amount,
    )
    assert monitored.monitor_id == placed.monitor_id
    assert monitored.monitor.expected_amount == order.trx_amount
    delivery = {
        "order_id": placed.order_id,
        "recipient_address": recipient,
        "energy_amount": order.total_energy,
        "duration_hours": order.duration_hours,
    }
    with pytest.raises(ApiProblem) as unpaid:
        await ask(shop.delegate)(**delivery)
    assert (unpaid.value.code, unpaid.value.status) == ("balance_too_small", 402)
    assert unpaid.value.facts["dueTrx"] == order.trx_amount
    assert unpaid.value.request_id

    txid = await pay(api, str(placed.order_id))
    await api.shop.block(4)
    status = await ask(shop.status)(placed.order_id)
    assert (status.status, status.payment_txid) == ("completed", txid)
    assert await ask(shop.find_status)(client_order_id="cart 1") == status
    assert (await ask(shop.delegate)(**delivery)).tx_ids == status.delegation_txids
    [arrived] = (await ask(shop.check_payment)(order.payment_address)).transactions
    assert arrived.amount == order.trx_amount * TRX
    listed = await ask(shop.orders)(since=status.created_at, status="completed")
    assert [each.number for each in listed.orders] == [order.number]

    await give(api, 50 * TRX)
    [offer, *_] = (await ask(shop.extensions)(placed.order_id)).offers
    longer = await ask(shop.extend)(
        placed.order_id,
        duration_hours=offer.duration_hours,
        maximum_trx=offer.price_trx,
        pay_from_balance=True,
    )
    assert longer.extends_order_id == placed.order_id
    await api.shop.block(2)
    assert (await ask(shop.order)(placed.order_id)).expires_at == offer.expires_at
    assert (await ask(shop.balance)()).balance_trx == 50 - longer.trx_amount
    would = await ask(shop.end_offer)(placed.order_id)
    ended = await ask(shop.end)(placed.order_id)
    assert ended.order.ended_early_at is not None
    assert ended.most_trx is not None
    assert ended.most_trx <= would.most_trx
    with pytest.raises(ApiProblem, match="order_not_open"):
        await ask(shop.cancel)(placed.order_id)


async def test_a_whole_purchase_by_the_client(api: Api) -> None:
    with EnergyFlash(api.url, await api.secret()) as shop:
        await whole_purchase(api, in_thread, shop)


def in_thread(method: Callable[..., T]) -> Callable[..., Awaitable[T]]:
    """The server of these tests lives in the loop, which a client that waits would stop."""

    async def asked(*args: Any, **kwargs: Any) -> T:
        return await asyncio.to_thread(method, *args, **kwargs)

    return asked


async def test_a_whole_purchase_by_the_client_for_asyncio(api: Api) -> None:
    async with AsyncEnergyFlash(f"{api.url}/api/energy-flash/", await api.secret()) as shop:
        await whole_purchase(api, lambda method: method, shop)


async def test_a_webhook_of_the_client_is_told_what_it_can_verify(
    database: str, redis_url: str
) -> None:
    async with (
        open_shop(database) as opened,
        open_api(opened, redis_url, webhook_private=True) as api,
        receiving() as receiver,
        AsyncEnergyFlash(api.url, await api.secret()) as shop,
    ):
        made = await shop.register_webhook(receiver.url + "/hook", events=["order.completed"])
        tested = await shop.test_webhook(made.webhook_id)
        assert (tested.delivered, tested.status) == (True, 200)
        [taken] = receiver.requests
        event = verify_webhook(made.secret, taken.headers, taken.body)
        assert (event.type, event.data.webhook_id) == ("webhook.test", made.webhook_id)
        rotated = await shop.rotate_webhook(made.webhook_id, previous_hours=1)
        assert rotated.secret != made.secret
        assert (await shop.change_webhook(made.webhook_id, enabled=False)).events is not None
        assert (await shop.change_webhook(made.webhook_id, events=None)).events is None
        assert [each.webhook_id for each in await shop.webhooks()] == [made.webhook_id]
        assert not (await shop.webhook(made.webhook_id)).enabled
        [delivery] = (await shop.webhook_deliveries(made.webhook_id)).deliveries
        assert delivery.state == "delivered"
        # A test is sent once, and never again.
        with pytest.raises(ApiProblem, match="delivery_unknown"):
            await shop.retry_webhook_delivery(made.webhook_id, delivery.delivery_id)
        await shop.delete_webhook(made.webhook_id)
        assert await shop.webhooks() == ()


async def test_a_client_without_a_key_hears_what_is_wrong_in_its_language(api: Api) -> None:
    async with AsyncEnergyFlash(api.url, language="zh") as shop:
        assert (await shop.availability()).available_energy > 0
        assert len(await shop.deliveries()) == 2
        assert (await shop.ready()).success
        assert "energy_flash" in await shop.metrics()
        with pytest.raises(ApiProblem) as refused:
            await shop.balance()
    assert (refused.value.code, refused.value.status) == ("key_missing", 401)
    assert "API" in refused.value.message
    only_reads = await api.secret(scopes=frozenset({Scope.READ}))
    async with AsyncEnergyFlash(api.url, only_reads) as shop:
        estimated = await shop.estimate(address("ann"), destination_address=address("ben"))
        assert estimated.burn_first_trx > 0
        with pytest.raises(ApiProblem) as invalid:
            await shop.estimate("T")
    assert invalid.value.errors[0].field == "senderAddress"
    assert invalid.value.errors[0].code == "address_length"


# ── asking again ──


class Faulty(httpx.BaseTransport):
    """Loses or replaces answers of the real server, and writes down what was sent."""

    def __init__(self, *faults: httpx.Response | httpx.TransportError | str) -> None:
        self.faults = list(faults)
        self.keys: list[str | None] = []
        self._real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("Idempotency-Key"))
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, httpx.Response):
            return fault
        if isinstance(fault, httpx.TransportError):
            raise fault
        answer = self._real.handle_request(request)
        if fault == "lost":
            answer.read()
            raise httpx.ReadError("the answer was lost")
        return answer

    def close(self) -> None:
        self._real.close()


async def test_an_order_whose_answer_was_lost_is_asked_for_again_and_made_once(api: Api) -> None:
    busy = httpx.Response(503, json={"code": "chain_unavailable"}, headers={"Retry-After": "0"})
    transport = Faulty("lost", httpx.ConnectError("refused"), busy)
    with EnergyFlash(api.url, await api.secret(), transport=transport) as shop:
        placed = await in_thread(shop.create)(
            recipient_address=address("ann"),
            price_config_id=(await api.shop.services.quotes.prices())[0].id,
            transaction_count=1,
        )
        listed = await in_thread(shop.orders)()
    first = transport.keys[0]
    assert first
    assert transport.keys == [first] * 4 + [None]
    assert [each.order_id for each in listed.orders] == [placed.order_id]


async def test_a_webhook_that_was_deleted_before_the_answer_got_lost_is_deleted(api: Api) -> None:
    secret = await api.secret()
    async with AsyncEnergyFlash(api.url, secret) as shop:
        made = await shop.register_webhook("https://shop.example/hook")
    with EnergyFlash(api.url, secret, transport=Faulty("lost")) as losing:
        await in_thread(losing.delete_webhook)(made.webhook_id)
    with EnergyFlash(api.url, secret) as again, pytest.raises(ApiProblem, match="webhook_unknown"):
        await in_thread(again.delete_webhook)(made.webhook_id)


def answer(status: int, code: str = "", **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"code": code} if code else None, headers=names)


LOST = httpx.ReadTimeout("silence")
REFUSED = httpx.ConnectError("refused")


@pytest.mark.parametrize(
    ("call", "outcome", "again"),
    [
        (calls.create(recipient_address="T", price_config_id="p", trx_amount=1), LOST, True),
        (calls.test_webhook(ID), LOST, False),
        (calls.test_webhook(ID), REFUSED, True),
        (calls.test_webhook(ID), answer(429, "too_many_requests"), True),
        (calls.test_webhook(ID), answer(503, "database_unavailable"), False),
        (calls.cancel(ID), answer(503, "database_unavailable"), True),
        (calls.cancel(ID), answer(503, "maintenance"), False),
        (calls.cancel(ID), answer(409, "in_progress"), True),
        (calls.cancel(ID), answer(409, "payment_in_sight"), False),
        (calls.cancel(ID), answer(502), True),
        (calls.cancel(ID), answer(500, "internal"), False),
        (calls.cancel(ID), answer(200), False),
        (calls.ready(), answer(503), False),
        (calls.prices(), answer(503, "timed_out", Retry_After=str(int(LONGEST_WISH) + 1)), False),
    ],
)
def test_only_what_can_harm_nobody_is_sent_again(
    call: Call[Any], outcome: Any, again: bool
) -> None:
    assert (Course(call, retries=1).pause(outcome) is not None) is again
    assert Course(call, retries=0).pause(outcome) is None


def test_a_pause_is_as_long_as_the_shop_asks_and_grows() -> None:
    course = Course(calls.prices(), retries=4)
    busy = answer(429, "too_many_requests", Retry_After="7")
    for least in (0.25, 0.5, 1, 2):
        pause = course.pause(busy)
        assert pause is not None
        assert 7 + least <= pause <= 7 + 2 * least
    assert course.pause(busy) is None
    later = datetime.now(UTC) + timedelta(seconds=20)
    dated = answer(503, "timed_out", Retry_After=later.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    pause = Course(calls.prices(), retries=1).pause(dated)
    assert pause is not None
    assert 18 < pause < 21


def test_what_no_attempt_brings_is_told_with_the_key_to_ask_again_with() -> None:
    with EnergyFlash("http://127.0.0.1:1", retries=1, timeout=1) as shop:
        with pytest.raises(NoAnswer) as silence:
            shop.cancel(ID, idempotency_key="mine")
        assert silence.value.key == "mine"
    page = Faulty(*[httpx.Response(404, html="<p>a proxy's")] * 2)
    with (
        EnergyFlash("http://127.0.0.1:1", transport=page) as shop,
        pytest.raises(UnexpectedAnswer, match="404"),
    ):
        shop.prices()
    # An answer of success that is no answer of the API's.
    page = Faulty(httpx.Response(200, html="<p>a login page"))
    with (
        EnergyFlash("http://127.0.0.1:1", transport=page) as shop,
        pytest.raises(UnexpectedAnswer, match="200"),
    ):
        shop.prices()


# ── amounts ──


@pytest.mark.parametrize(
    ("amount", "sent"),
    [
        (6, "6"),
        ("12.500001", "12.500001"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.000001"), "0.000001"),
        (Decimal("123456789012345678.123456"), "123456789012345678.123456"),
    ],
)
def test_an_amount_is_sent_with_every_digit(amount: Any, sent: str) -> None:
    assert exact(amount) == sent


@pytest.mark.parametrize("amount", [0.1, True, None, b"1", "NaN", "x", Decimal("Infinity")])
def test_what_is_no_exact_amount_is_not_sent(amount: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        exact(amount)


# ── the client and the API's description ──


DESCRIBED = application_of_nobody().openapi()
OPERATIONS = {
    f"{method.upper()} {path.removeprefix('/api/energy-flash')}": operation
    for path, methods in DESCRIBED["paths"].items()
    for method, operation in methods.items()
}
# The same as /create, by another name.
ALIASES = {"POST /process"}
GIVEN: dict[str, Any] = {"webhook_id": ID, "delivery_id": ID, "order_id": ID}


def every_call() -> Iterator[tuple[str, Call[Any]]]:
    """Each method's request, with every parameter that it has."""
    for name, make in vars(calls).items():
        if not inspect.isfunction(make) or make.__module__ != calls.__name__ or name[0] == "_":
            continue
        given = {
            parameter.name: GIVEN.get(parameter.name, value_for(str(parameter.annotation)))
            for parameter in inspect.signature(make).parameters.values()
        }
        yield name, make(**given)


def value_for(annotation: str) -> Any:
    for kind, value in (
        ("bool", True),
        ("Amount", 1),
        ("int", 1),
        ("datetime", datetime.now(UTC)),
        ("Sequence", ["order.paid"]),
    ):
        if kind in annotation:
            return value
    return "text"


def test_every_operation_of_the_api_has_a_method_in_both_clients() -> None:
    known = {f"{call.method} {call.path}": name for name, call in every_call()}
    assert known.keys() | ALIASES == OPERATIONS.keys()
    for client in (EnergyFlash, AsyncEnergyFlash):
        for name in known.values():
            assert inspect.getdoc(getattr(client, name)), name


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema or "anyOf" in schema:
        if "anyOf" in schema:
            [schema] = [each for each in schema["anyOf"] if each.get("type") != "null"]
        else:
            found = DESCRIBED["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            schema = found
    return schema


def test_every_parameter_of_the_api_can_be_sent_by_the_client_and_no_other() -> None:
    for name, call in every_call():
        operation = OPERATIONS[f"{call.method} {call.path}"]
        parameters = {"path": set(call.parts), "query": set(call.query), "header": set()}
        if call.key is not None:
            parameters["header"].add("Idempotency-Key")
        parameters["header"] |= set(call.headers)
        for place, sent in parameters.items():
            told = {each["name"] for each in operation.get("parameters", []) if each["in"] == place}
            assert sent == told, (name, place)
        body = operation.get("requestBody")
        told = set()
        if body is not None:
            schema = resolved(body["content"]["application/json"]["schema"])
            # The same by another name.
            told = set(schema["properties"]) - (
                {"recipientAddress"} if name == "estimate" else set()
            )
        assert set(call.body or {}) == told, name


def test_every_example_of_the_api_is_read_without_losing_anything() -> None:
    read = 0
    for name, call in every_call():
        for status, described in OPERATIONS[f"{call.method} {call.path}"]["responses"].items():
            content = described.get("content", {}).get("application/json")
            if content is None:
                continue
            assert int(status) in call.expected, name
            body = json.dumps(content["example"])
            told, example = call.answer(body.encode()), json.loads(body)
            example = example.get("data", example)
            found: Any = (
                [as_told(each) for each in told] if isinstance(told, tuple) else as_told(told)
            )
            # Nearly all shapes leave the envelope away.
            for each in (found, example):
                if isinstance(each, dict):
                    each.pop("success", None)
            assert names(found) == names(example), name
            read += 1
    assert read > 25


def as_told(shape: shapes.Shape) -> Any:
    return shape.model_dump(mode="json", by_alias=True)


def names(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: names(each) for name, each in value.items()}
    if isinstance(value, list):
        return [names(each) for each in value]
    return None


def test_the_client_knows_the_shops_words() -> None:
    assert set(shapes.EventKind.__args__) == set(EventKind)  # type: ignore[attr-defined]
    assert set(shapes.OrderState.__args__) == set(OrderStatus)  # type: ignore[attr-defined]
    assert set(shapes.DeliveryState.__args__) == set(DeliveryState)  # type: ignore[attr-defined]
    # Codes by which it decides.
    assert {"maintenance", "in_progress"} <= set(Code)


# ── webhooks ──


NOW = datetime(2026, 11, 27, 8, 41, 22, tzinfo=UTC)
BODY = json.dumps(examples.EVENT, default=str).encode()
SECRET, OLD, ANOTHERS = b"s" * 32, b"o" * 32, b"n" * 32
HEADERS = signed((SECRET, OLD), "evt_1", BODY, NOW)


@pytest.mark.parametrize(
    ("headers", "body", "secret", "seconds", "ours"),
    [
        (HEADERS, BODY, SECRET, 0, True),
        (HEADERS, BODY, OLD, 299, True),
        (HEADERS, BODY, SECRET, -300, True),
        (HEADERS, BODY, SECRET, 301, False),
        (HEADERS, BODY, SECRET, -301, False),
        (HEADERS, BODY + b" ", SECRET, 0, False),
        (HEADERS, BODY, ANOTHERS, 0, False),
        (HEADERS | {"webhook-id": "evt_2"}, BODY, SECRET, 0, False),
        (HEADERS | {"webhook-timestamp": "1e9"}, BODY, SECRET, 0, False),
        (HEADERS | {"webhook-signature": "v1,ä"}, BODY, SECRET, 0, False),
        (HEADERS | {"webhook-signature": ""}, BODY, SECRET, 0, False),
        ({}, BODY, SECRET, 0, False),
    ],
    ids=range(12),
)
def test_the_client_and_the_shop_agree_on_what_is_the_shops(
    headers: dict[str, str], body: bytes, secret: bytes, seconds: int, ours: bool
) -> None:
    text, at = shown_secret(secret), NOW + timedelta(seconds=seconds)
    if ours:
        assert verify(text, headers, body, at) == "evt_1"
        capitals = {name.title(): value for name, value in headers.items()}
        event = verify_webhook(text, capitals, body, now=at)
        assert event.data.order is not None
        assert event.data.order.trx_amount == Decimal("5.657133")
    else:
        with pytest.raises(NotOurs):
            verify(text, headers, body, at)
        with pytest.raises(NotFromTheShop):
            verify_webhook(text, headers, body, now=at)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_?", "abc", "whsec_ä"])
def test_what_is_no_secret_verifies_nothing(secret: str) -> None:
    for check in (verify, lambda *given: verify_webhook(*given[:3], now=given[3])):
        with pytest.raises(ValueError, match="whsec_"):
            check(secret, HEADERS, BODY, NOW)
