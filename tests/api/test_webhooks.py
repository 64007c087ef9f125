"""Events of orders: which there are, that none is lost, who hears of them, and what is signed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import jsonschema_rs
import pytest

from api.webhook_sender import WebhookSender
from db.database import Database
from process import event_job
from services import webhooks as webhook_rules
from services.acts import Act
from services.api_keys import Scope
from services.jobs import Jobs
from services.webhook_signing import NotOurs, read_secret
from services.webhooks import SCHEDULE, Webhooks, pause_before
from tests.api.conftest import Api, open_api
from tests.api.receiver import Receiver, receiving
from tests.support.shop import OTHER_USER, TRX, USER, open_shop


@dataclass
class Hooked:
    """A shop, its API, a program of USER's, and a server of theirs."""

    api: Api
    program: httpx.AsyncClient
    receiver: Receiver
    sender: WebhookSender

    async def register(self, path: str = "/hook", **asked: Any) -> dict[str, Any]:
        answer = await self.program.post(
            "/webhooks", json={"url": self.receiver.url + path, **asked}
        )
        assert answer.status_code == 201, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    async def send(self) -> None:
        """Send all that is due."""
        await self.sender.send_due()
        await self.sender.idle()

    async def blocks(self, count: int) -> None:
        await self.api.shop.block(count)
        await self.send()

    async def deliveries(self, webhook: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        answer = await self.program.get(
            f"/webhooks/{webhook['webhookId']}/deliveries", params=query
        )
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]["deliveries"]
        return found

    async def look(self, webhook: dict[str, Any]) -> dict[str, Any]:
        answer = await self.program.get(f"/webhooks/{webhook['webhookId']}")
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    async def execute(self, statement: str, *arguments: object) -> None:
        async with self.api.shop.database.transaction() as tx:
            await tx.connection.execute(statement, *arguments)

    async def come_due(self) -> None:
        """The pauses before the next attempts are over."""
        await self.execute(
            "UPDATE webhook_deliveries SET next_attempt_at = now() WHERE leased_by IS NULL"
        )


@pytest.fixture
async def hooked(database: str, redis_url: str) -> AsyncIterator[Hooked]:
    async with (
        open_shop(database) as shop,
        open_api(shop, redis_url, webhook_private=True) as api,
        receiving() as receiver,
    ):
        sender = WebhookSender(shop.services.webhooks, private=True)
        yield Hooked(api, await api.client(), receiver, sender)
        await sender.stop(0)


async def test_a_whole_purchase_is_told_in_order_and_signed(hooked: Hooked) -> None:
    webhook = await hooked.register()
    shop = hooked.api.shop
    order = await shop.order()
    await hooked.send()
    shop.pay(order)
    await hooked.blocks(4)
    assert hooked.receiver.kinds[-1] == "order.completed"
    shop.advance(3000)
    await hooked.blocks(1)
    shop.advance(600)
    await hooked.blocks(6)
    assert hooked.receiver.kinds == [
        "order.created",
        "order.paid",
        "order.processing",
        "order.completed",
        "order.ending_soon",
        "order.ended",
    ]
    statuses = [taken.event["data"]["order"]["status"] for taken in hooked.receiver.requests]
    assert statuses == ["pending", "paid", "processing", "completed", "completed", "completed"]
    ids = [taken.verify(webhook["secret"]) for taken in hooked.receiver.requests]
    assert ids == [taken.event["id"] for taken in hooked.receiver.requests]
    assert len(set(ids)) == 6
    # The last one says what anybody who asks is told.
    now = (await hooked.program.get(f"/orders/{order.id}")).json()["data"]
    assert hooked.receiver.requests[-1].event["data"]["order"] == now
    assert now["stage"] == "ended"
    assert {each["state"] for each in await hooked.deliveries(webhook)} == {"delivered"}
    assert (await hooked.look(webhook))["lastDeliveredAt"] is not None


async def test_an_event_tells_the_order_as_it_was_however_late_it_is_sent(hooked: Hooked) -> None:
    await hooked.register()
    shop = hooked.api.shop
    order = await shop.order()
    created = (await hooked.program.get(f"/orders/{order.id}")).json()["data"]
    shop.pay(order)
    await shop.block(4)
    assert (await hooked.program.get(f"/orders/{order.id}")).json()["data"]["stage"] == "delivered"
    await hooked.send()
    assert hooked.receiver.requests[0].event["data"]["order"] == created
    completed = hooked.receiver.requests[-1].event
    assert completed["type"] == "order.completed"
    assert len(completed["data"]["order"]["delegationTxids"]) == 1
    assert hooked.receiver.kinds == sorted(
        hooked.receiver.kinds,
        key=["order.created", "order.paid", "order.processing", "order.completed"].index,
    )


async def test_what_ends_without_energy_is_told_too(hooked: Hooked) -> None:
    await hooked.register()
    shop = hooked.api.shop
    cancelled, unpaid = await shop.order(), await shop.order()
    await shop.services.orders.cancel(USER, cancelled.id)
    shop.advance(3600)
    await hooked.blocks(1)
    told = {
        (taken.event["data"]["order"]["orderId"], taken.event["type"])
        for taken in hooked.receiver.requests
    }
    assert told == {
        (str(cancelled.id), "order.created"),
        (str(cancelled.id), "order.cancelled"),
        (str(unpaid.id), "order.created"),
        (str(unpaid.id), "order.expired"),
    }


async def test_too_little_and_too_late_is_told(hooked: Hooked) -> None:
    await hooked.register(
        events=["order.underpaid", "order.expired", "payment.held", "payment.credited"]
    )
    shop = hooked.api.shop
    order = await shop.order()
    txid = shop.pay(order, sun=order.amount_sun - TRX)
    await hooked.blocks(3)
    assert hooked.receiver.kinds == ["order.underpaid"]
    asked = hooked.receiver.requests[0].event["data"]["order"]
    assert (asked["dueTrx"], asked["stage"]) == (1, "underpaid")
    shop.advance(2 * 3600)
    await hooked.blocks(2)
    assert hooked.receiver.kinds[1:] == ["order.expired", "payment.held"]
    held = hooked.receiver.requests[-1].event["data"]["payment"]
    assert held["txid"] == txid
    assert held["orderId"] == str(order.id)
    assert (held["status"], held["reason"]) == ("held", "underpaid")
    shop.advance(40 * 24 * 3600)
    await hooked.blocks(2)
    assert hooked.receiver.kinds[-1] == "payment.credited"


async def test_more_time_is_told_of_the_rental(hooked: Hooked) -> None:
    await hooked.register(events=["order.extended"])
    shop = hooked.api.shop
    order = await shop.order()
    shop.pay(order)
    await shop.block(4)
    before = (await shop.look(order)).expires_at
    assert before is not None
    await shop.staff(Act.EXTEND_ORDER, order=order.number, hours=2)
    await hooked.send()
    [taken] = hooked.receiver.requests
    assert taken.event["type"] == "order.extended"
    expires_at = (before + timedelta(hours=2)).isoformat().replace("+00:00", "Z")
    assert taken.event["data"]["order"]["expiresAt"] == expires_at


async def test_what_nobody_wants_is_not_kept(hooked: Hooked) -> None:
    shop = hooked.api.shop

    async def events() -> int:
        async with shop.database.transaction() as tx:
            count: int = await tx.connection.fetchval("SELECT count(*) FROM webhook_events")
        return count

    await shop.order()
    assert await events() == 0
    await hooked.register(events=["order.failed"])
    await shop.order()
    assert await events() == 0
    await hooked.register()
    await shop.order(user=OTHER_USER)
    assert await events() == 0
    await shop.order()
    assert await events() == 1


async def test_an_event_of_what_was_rolled_back_never_happened(hooked: Hooked) -> None:
    await hooked.register()
    shop = hooked.api.shop
    order = await shop.order()
    await hooked.send()

    async def cancel_and_fail() -> None:
        async with shop.database.transaction() as tx:
            assert await tx.orders.cancel(order.id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await cancel_and_fail()
    await hooked.send()
    assert hooked.receiver.kinds == ["order.created"]


async def test_an_event_is_sent_again_until_it_is_taken_with_the_same_id_and_body(
    hooked: Hooked,
) -> None:
    webhook = await hooked.register(events=["order.created", "order.cancelled"])
    hooked.receiver.status = 503
    order = await hooked.api.shop.order()
    await hooked.api.shop.services.orders.cancel(USER, order.id)
    for _ in range(3):
        await hooked.send()
        await hooked.send()  # not due yet
        await hooked.come_due()
    # The second event waits for the first.
    assert hooked.receiver.kinds == ["order.created"] * 3
    assert len({taken.body for taken in hooked.receiver.requests}) == 1
    assert len({taken.headers["webhook-id"] for taken in hooked.receiver.requests}) == 1
    assert (await hooked.look(webhook))["failingSince"] is not None
    hooked.receiver.status = 204
    await hooked.send()
    assert hooked.receiver.kinds[3:] == ["order.created", "order.cancelled"]
    cancelled, created = await hooked.deliveries(webhook)
    assert [each["status"] for each in created["attempts"]] == [503, 503, 503, 204]
    assert [each["delivered"] for each in created["attempts"]] == [False, False, False, True]
    assert created["attempts"][0]["answer"].startswith("said 503xxx")
    assert len(created["attempts"][0]["answer"]) == 500
    assert len(cancelled["attempts"]) == 1
    assert (await hooked.look(webhook))["failingSince"] is None


async def test_attempts_come_by_the_published_schedule(hooked: Hooked) -> None:
    webhook = await hooked.register()
    hooked.receiver.status = 500
    await hooked.api.shop.order()
    waits = []
    for _ in range(len(SCHEDULE) - 1):
        await hooked.send()
        async with hooked.api.shop.database.transaction() as tx:
            wait = await tx.connection.fetchval(
                "SELECT next_attempt_at - clock_timestamp() FROM webhook_deliveries"
            )
        waits.append(wait)
        await hooked.come_due()
    for wait, pause in zip(waits, SCHEDULE[1:], strict=True):
        assert 0.85 * pause < wait < 1.1 * pause
    assert (await hooked.look(webhook))["enabled"]
    await hooked.send()
    [delivery] = await hooked.deliveries(webhook)
    assert len(delivery["attempts"]) == len(SCHEDULE) == len(hooked.receiver.requests)
    assert delivery["state"] == "given_up"
    # It never took anything: nothing more is sent, and its customer hears of it once.
    told = await hooked.look(webhook)
    assert (told["enabled"], told["disabledReason"]) == (False, "failing")
    assert (USER, "webhook_disabled") in await hooked.api.shop.told()
    await hooked.api.shop.order()
    await hooked.send()
    assert len(hooked.receiver.requests) == len(SCHEDULE)


async def test_one_event_that_is_never_taken_does_not_end_an_endpoint_that_works(
    hooked: Hooked,
) -> None:
    webhook = await hooked.register(events=["order.created"])
    hooked.receiver.status = 500
    await hooked.api.shop.order()
    await hooked.send()
    await hooked.execute("UPDATE webhook_deliveries SET attempts = $1", len(SCHEDULE) - 1)
    hooked.receiver.status = 200
    await hooked.api.shop.order()
    await hooked.send()
    hooked.receiver.status = 500
    await hooked.come_due()
    await hooked.send()
    assert [each["state"] for each in await hooked.deliveries(webhook)] == ["delivered", "given_up"]
    assert (await hooked.look(webhook))["enabled"]


async def test_days_of_nothing_but_failures_disable_an_endpoint(hooked: Hooked) -> None:
    webhook = await hooked.register()
    hooked.receiver.status = 500
    await hooked.api.shop.order()
    await hooked.send()
    await hooked.execute(
        "UPDATE webhook_endpoints SET failing_since = now() - interval '3 days 1 second'"
    )
    await hooked.come_due()
    await hooked.send()
    assert (await hooked.look(webhook))["disabledReason"] == "failing"
    # What waits stays, and is sent when the endpoint is enabled again.
    hooked.receiver.status = 200
    await hooked.come_due()
    await hooked.send()
    assert len(hooked.receiver.requests) == 2
    answer = await hooked.program.patch(f"/webhooks/{webhook['webhookId']}", json={"enabled": True})
    assert answer.json()["data"]["enabled"] is True
    await hooked.send()
    assert [each["state"] for each in await hooked.deliveries(webhook)] == ["delivered"]


async def test_gone_disables_an_endpoint_at_once(hooked: Hooked) -> None:
    webhook = await hooked.register()
    hooked.receiver.status = 410
    await hooked.api.shop.order()
    await hooked.api.shop.order()
    await hooked.send()
    assert (await hooked.look(webhook))["disabledReason"] == "gone"
    told = await hooked.api.shop.told()
    assert told.count((USER, "webhook_disabled")) == 1


async def test_what_a_process_was_sending_when_it_died_is_sent_by_the_next(
    hooked: Hooked, database: str
) -> None:
    webhook = await hooked.register()
    await hooked.api.shop.order()
    async with Database(database, connections=2) as doomed:
        [claimed] = await Webhooks(doomed).claim(10)
        # While it lives nobody takes it away.
        await hooked.send()
        assert hooked.receiver.requests == []
    for _ in range(100):
        await hooked.send()
        if hooked.receiver.requests:
            break
        await asyncio.sleep(0.05)
    [taken] = hooked.receiver.requests
    assert UUID(taken.event["id"].removeprefix("evt_")) == claimed.event_id
    [delivery] = await hooked.deliveries(webhook)
    assert delivery["state"] == "delivered"


async def test_the_program_sends_what_is_committed(hooked: Hooked) -> None:
    await hooked.register()
    shop = hooked.api.shop
    api = shop.settings.api.model_copy(update={"webhook_private": True})
    settings = shop.settings.model_copy(update={"api": api})
    async with AsyncExitStack() as stack:
        jobs = Jobs([event_job(stack, settings, shop.services)])
        stack.push_async_callback(jobs.stop, 1)
        jobs.start()
        order = await shop.order()
        await shop.services.orders.cancel(USER, order.id)
        for _ in range(1000):
            if len(hooked.receiver.requests) == 2:
                break
            await asyncio.sleep(0.02)
    assert hooked.receiver.kinds == ["order.created", "order.cancelled"]


async def test_nothing_that_is_printed_shows_a_secret(hooked: Hooked) -> None:
    webhook = await hooked.register()
    await hooked.api.shop.order()
    secret = read_secret(webhook["secret"])
    async with hooked.api.shop.database.transaction() as tx:
        row = await tx.webhooks.get(UUID(webhook["webhookId"]))
    assert row is not None
    assert row.secret == secret
    [outgoing] = await hooked.api.shop.services.webhooks.claim(1)
    assert outgoing.secrets == (secret,)
    for printed in (repr(row), repr(outgoing)):
        assert repr(secret) not in printed
        assert "secret" not in printed


async def test_two_processes_send_everything_once(hooked: Hooked, database: str) -> None:
    await hooked.register()
    orders = [await hooked.api.shop.order() for _ in range(3)]
    for order in orders:
        await hooked.api.shop.services.orders.cancel(USER, order.id)
    async with Database(database, connections=3) as other_database:
        other = WebhookSender(Webhooks(other_database), private=True)
        await asyncio.gather(hooked.sender.send_due(), other.send_due())
        await asyncio.gather(hooked.sender.idle(), other.idle())
        await other.stop(0)
    ids = [taken.event["id"] for taken in hooked.receiver.requests]
    assert len(ids) == len(set(ids)) == 6
    for order in orders:
        kinds = [
            taken.event["type"]
            for taken in hooked.receiver.requests
            if taken.event["data"]["order"]["orderId"] == str(order.id)
        ]
        assert kinds == ["order.created", "order.cancelled"]


async def test_a_receiver_that_hangs_holds_up_nobody_else(hooked: Hooked) -> None:
    slow = await hooked.register("/slow", events=["order.failed"])
    quick = await hooked.register("/quick")
    # More than are sent at a time.
    await hooked.execute(
        """
        WITH happened AS (
            INSERT INTO webhook_events (kind) SELECT 'order.failed' FROM generate_series(1, 40)
            RETURNING id)
        INSERT INTO webhook_deliveries (endpoint_id, event_id, subject)
        SELECT $1, id, id::text FROM happened
        """,
        UUID(slow["webhookId"]),
    )
    await hooked.sender.send_due()
    order = await hooked.api.shop.order()
    await hooked.api.shop.services.orders.cancel(USER, order.id)
    await hooked.sender.send_due()
    for _ in range(200):
        if len(await hooked.deliveries(quick, state="delivered")) == 2:
            break
        await asyncio.sleep(0.02)
    assert len(await hooked.deliveries(quick, state="delivered")) == 2
    assert hooked.receiver.kinds.count("order.failed") == 4
    hooked.receiver.hold.set()
    await hooked.sender.idle()
    assert hooked.receiver.kinds.count("order.failed") == 40
    assert await hooked.deliveries(slow, state="waiting") == []


async def test_a_rotated_secret_signs_until_its_time_is_over(hooked: Hooked) -> None:
    webhook = await hooked.register(events=["order.created"])
    path = f"/webhooks/{webhook['webhookId']}/rotate"
    headers = {"Idempotency-Key": "rotation-1"}
    rotated = (await hooked.program.post(path, headers=headers)).json()["data"]
    again = (await hooked.program.post(path, headers=headers)).json()["data"]
    assert again["secret"] == rotated["secret"] != webhook["secret"]
    await hooked.api.shop.order()
    await hooked.send()
    taken = hooked.receiver.requests[-1]
    assert taken.signatures == 2
    taken.verify(webhook["secret"])
    taken.verify(rotated["secret"])
    last = (await hooked.program.post(path, json={"previousHours": 0})).json()["data"]
    await hooked.api.shop.order()
    await hooked.send()
    taken = hooked.receiver.requests[-1]
    assert taken.signatures == 1
    taken.verify(last["secret"])
    with pytest.raises(NotOurs):
        taken.verify(rotated["secret"])


async def test_a_test_event_tells_at_once_what_the_receiver_said(hooked: Hooked) -> None:
    webhook = await hooked.register(events=["order.failed"])
    path = f"/webhooks/{webhook['webhookId']}/test"
    said = (await hooked.program.post(path)).json()["data"]
    assert (said["delivered"], said["status"], said["failure"]) == (True, 200, None)
    [taken] = hooked.receiver.requests
    assert taken.verify(webhook["secret"]) == taken.event["id"]
    assert taken.event["type"] == "webhook.test"
    assert taken.event["data"] == {"webhookId": webhook["webhookId"]}
    hooked.receiver.status = 410
    said = (await hooked.program.post(path)).json()["data"]
    assert (said["delivered"], said["status"]) == (False, 410)
    # A test says nothing of the endpoint, and is not sent again.
    told = await hooked.look(webhook)
    assert (told["enabled"], told["failingSince"]) == (True, None)
    await hooked.come_due()
    await hooked.send()
    assert len(hooked.receiver.requests) == 2
    log = await hooked.deliveries(webhook)
    assert [each["state"] for each in log] == ["given_up", "delivered"]
    answer = await hooked.program.post(
        f"/webhooks/{webhook['webhookId']}/deliveries/{log[0]['deliveryId']}/retry"
    )
    assert answer.json()["code"] == "delivery_unknown"


async def test_what_is_sent_is_what_the_document_says(hooked: Hooked) -> None:
    document = (await hooked.program.get("/openapi.json")).json()
    body = document["webhooks"]["event"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    webhook = await hooked.register()
    await hooked.program.post(f"/webhooks/{webhook['webhookId']}/test")
    shop = hooked.api.shop
    order = await shop.order()
    shop.pay(order, sun=order.amount_sun - TRX)
    await shop.block(3)
    await shop.services.orders.cancel(USER, order.id)
    await hooked.send()
    assert hooked.receiver.kinds == [
        *("webhook.test", "order.created", "order.underpaid", "order.cancelled", "payment.held")
    ]
    validator = jsonschema_rs.validator_for({**schema, "components": document["components"]})
    for taken in hooked.receiver.requests:
        validator.validate(taken.event)


async def test_an_event_is_sent_again_when_its_customer_asks(hooked: Hooked) -> None:
    webhook = await hooked.register()
    await hooked.api.shop.order()
    await hooked.send()
    [delivery] = await hooked.deliveries(webhook)
    path = f"/webhooks/{webhook['webhookId']}"
    answer = await hooked.program.post(f"{path}/deliveries/{delivery['deliveryId']}/retry")
    assert answer.status_code == 202
    assert answer.json()["data"]["state"] == "waiting"
    await hooked.send()
    first, second = hooked.receiver.requests
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    await hooked.program.patch(path, json={"enabled": False})
    answer = await hooked.program.post(f"{path}/deliveries/{delivery['deliveryId']}/retry")
    assert (answer.status_code, answer.json()["code"]) == (409, "webhook_disabled")


async def test_a_key_sees_and_changes_only_its_own_endpoints(hooked: Hooked) -> None:
    webhook = await hooked.register()
    await hooked.api.shop.order()
    await hooked.send()
    [delivery] = await hooked.deliveries(webhook)
    path = f"/webhooks/{webhook['webhookId']}"
    same_customer = await hooked.api.client()
    for other in (await hooked.api.client(await hooked.api.secret(OTHER_USER)), same_customer):
        assert (await other.get("/webhooks")).json()["data"] == []
        for answer in (
            await other.get(path),
            await other.patch(path, json={"enabled": False}),
            await other.delete(path),
            await other.post(f"{path}/rotate"),
            await other.post(f"{path}/test"),
            await other.get(f"{path}/deliveries"),
            await other.post(f"{path}/deliveries/{delivery['deliveryId']}/retry"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "webhook_unknown")
    reader = await hooked.api.client(await hooked.api.secret(scopes=frozenset({Scope.READ})))
    assert (await reader.get("/webhooks")).json()["code"] == "scope_missing"


async def test_a_delivery_of_another_endpoint_is_not_found(hooked: Hooked) -> None:
    mine, other = await hooked.register(), await hooked.register("/other")
    await hooked.api.shop.order()
    [delivery] = await hooked.deliveries(other)
    answer = await hooked.program.post(
        f"/webhooks/{mine['webhookId']}/deliveries/{delivery['deliveryId']}/retry"
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "delivery_unknown")


async def test_a_key_that_opens_nothing_is_told_nothing(hooked: Hooked) -> None:
    keys = hooked.api.shop.services.api_keys
    await hooked.register()
    await hooked.api.shop.order()
    [key] = await keys.of_user(USER)
    assert await keys.revoke(USER, key.id)
    await hooked.api.shop.order()
    await hooked.send()
    assert hooked.receiver.requests == []


async def test_endpoints_are_listed_changed_and_deleted(hooked: Hooked) -> None:
    webhook = await hooked.register(events=["order.paid"])
    secret = webhook.pop("secret")
    assert secret.startswith("whsec_")
    assert (await hooked.program.get("/webhooks")).json()["data"] == [webhook]
    path = f"/webhooks/{webhook['webhookId']}"
    url = f"{hooked.receiver.url}/elsewhere"
    changed = (await hooked.program.patch(path, json={"url": url})).json()["data"]
    assert (changed["url"], changed["events"]) == (url, ["order.paid"])
    changed = (await hooked.program.patch(path, json={"events": None})).json()["data"]
    assert (changed["url"], changed["events"]) == (url, None)
    answer = await hooked.program.patch(path, json={"url": "ftp://nowhere.example"})
    assert answer.status_code == 422
    await hooked.api.shop.order()
    assert (await hooked.program.delete(path)).status_code == 204
    assert (await hooked.program.delete(path)).status_code == 404
    await hooked.send()
    assert hooked.receiver.requests == []


async def test_a_request_registers_one_endpoint_and_a_key_has_at_most_ten(hooked: Hooked) -> None:
    asked = {"url": f"{hooked.receiver.url}/hook"}
    headers = {"Idempotency-Key": "hook-1"}
    first = await hooked.program.post("/webhooks", json=asked, headers=headers)
    # As a process leaves it that dies between the endpoint and its answer.
    await hooked.execute(
        """
        UPDATE api_requests SET status = NULL, answer = NULL, content_type = NULL,
            answered_at = NULL, holder = gen_random_uuid(), held_until = now()
        """
    )
    again = await hooked.program.post("/webhooks", json=asked, headers=headers)
    assert again.json() == first.json()
    for _ in range(webhook_rules.MOST_ENDPOINTS - 1):
        await hooked.register()
    answer = await hooked.program.post("/webhooks", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")
    assert answer.json()["facts"] == {"limit": 10}


async def test_what_is_old_is_forgotten(hooked: Hooked) -> None:
    webhook = await hooked.register()
    await hooked.api.shop.order()
    await hooked.send()
    await hooked.api.shop.order()
    await hooked.execute(
        "UPDATE webhook_events SET created_at = now() - interval '31 days' WHERE id = "
        "(SELECT event_id FROM webhook_deliveries WHERE state = 'delivered')"
    )
    assert await hooked.api.shop.services.webhooks.forget_old() == 1
    assert [each["state"] for each in await hooked.deliveries(webhook)] == ["waiting"]


def test_pauses_differ_a_little_so_that_not_all_come_back_at_once() -> None:
    pauses = {pause_before(4) for _ in range(50)}
    assert len(pauses) > 1
    assert all(abs(pause / SCHEDULE[3] - 1) <= 0.1 for pause in pauses)
