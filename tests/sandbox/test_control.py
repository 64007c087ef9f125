"""The control API, over HTTP against a whole sandbox with blocks on demand."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import png
import pytest

from chain.addresses import parse_address
from chain.keys import SigningKey
from sandbox.pool_owner import DELEGATE_ONLY
from tests.sandbox.worlds import (
    ANNA,
    BO,
    OLGA,
    ORDERS,
    STAFF,
    VERA,
    Refused,
    Script,
    script_for,
    world_in,
)
from tests.support.servers import temporary_folder

TRX = USDT = 1_000_000


def picture() -> bytes:
    drawn = io.BytesIO()
    png.from_array([[0, 255] * 8] * 16, "L").write(drawn)
    return drawn.getvalue()


# ── state ────────────────────────────────────────────────────────────────────────────────────


async def test_state_tells_everything_a_script_needs(script: Script) -> None:
    state = await script.state()

    assert [user["id"] for user in state["users"]] == [ANNA, BO, OLGA, VERA]
    roles = ["customer", "customer", "operator", "viewer"]
    assert [user["role"] for user in state["users"]] == roles
    assert [(group["id"], group["type"], group["members"]) for group in state["groups"]] == [
        (ORDERS, "supergroup", [ANNA, BO, OLGA, VERA]),
        (STAFF, "group", [OLGA, VERA]),
    ]
    by_role = {account["role"]: account for account in state["accounts"]}
    for account in state["accounts"]:
        key = SigningKey.from_hex(account["private_key"])
        assert key.address == parse_address(account["address"])
    assert by_role["customer"]["trx_sun"] > 0
    assert by_role["customer"]["usdt_micro"] > 0
    assert by_role["pool"]["energy"] > 1_000_000
    assert by_role["payment"]["address"] == state["payment_address"]
    assert by_role["refund"]["trx_sun"] == 500 * TRX
    assert {contact["kind"] for contact in state["contacts"]} == {
        "holder",
        "non_holder",
        "exchange",
    }
    assert state["chain"]["height"] - state["chain"]["solid_height"] == 18
    assert state["app"]["state"] == "absent"
    environment = state["app"]["environment"]
    assert environment["ENERGY_FLASH_TELEGRAM__TOKEN"] == state["bot"]["token"]
    assert environment["ENERGY_FLASH_PAYMENT__ADDRESS"] == state["payment_address"]
    assert environment["ENERGY_FLASH_TELEGRAM__ORDERS_CHAT"] == str(ORDERS)
    assert environment["ENERGY_FLASH_TELEGRAM__ALERTS_CHAT"] == str(STAFF)
    assert environment["ENERGY_FLASH_TELEGRAM__VIEWERS"] == f"[{VERA}]"
    served = f"http://127.0.0.1:{environment['ENERGY_FLASH_API__PORT']}/api/energy-flash"
    assert state["api_url"] == served
    assert environment["ENERGY_FLASH_REFUNDS__KEY"] == by_role["refund"]["private_key"]


async def test_base_urls_lead_to_the_stand_ins(script: Script) -> None:
    me = await script.bot("getMe")
    assert me["ok"]
    assert me["result"]["username"] == (await script.state())["bot"]["username"]

    head = await script.node("wallet/getnowblock")
    solid = await script.node("walletsolidity/getnowblock")
    numbers = [block["block_header"]["raw_data"]["number"] for block in (head, solid)]
    assert numbers[0] - numbers[1] == 18


async def test_hot_key_of_the_pool_can_only_delegate_and_reclaim(script: Script) -> None:
    pool, hot_key = await script.account("North pool"), await script.account("Hot key of North")

    account = await script.node("wallet/getaccount", address=pool["address"], visible=True)

    granted = {permission["id"]: permission for permission in account["active_permission"]}[3]
    assert granted["operations"] == DELEGATE_ONLY.hex()
    assert [key["address"] for key in granted["keys"]] == [hot_key["address"]]
    # By a transaction that anybody can look up, not by decree.
    blocks = (await script.get("/blocks?limit=500"))["blocks"]
    kinds = [each["kind"] for block in blocks for each in block["transactions"]]
    assert "permission" in kinds


# ── chats ────────────────────────────────────────────────────────────────────────────────────


async def test_bot_receives_what_a_person_writes_and_answers(script: Script) -> None:
    sent = await script.post(f"/chats/{ANNA}/messages", {"text": "/start"})
    assert sent["entities"] == [{"offset": 0, "length": 6, "type": "bot_command"}]
    assert sent["delivered"] is False

    updates = (await script.bot("getUpdates"))["result"]
    assert updates[-1]["message"]["text"] == "/start"
    await script.bot("getUpdates", offset=updates[-1]["update_id"] + 1)
    answered = await script.bot(
        "sendMessage",
        chat_id=ANNA,
        text="Hello",
        reply_markup={"inline_keyboard": [[{"text": "Rent", "callback_data": "rent"}]]},
    )
    assert answered["ok"]

    changes = await script.get(f"/chats/{ANNA}/messages?after={sent['change'] - 1}")
    mine, theirs = changes["messages"]
    assert mine["delivered"] is True
    assert (theirs["from"], theirs["text"]) == ("bot", "Hello")
    assert theirs["keyboard"] == [[{"text": "Rent", "callback_data": "rent"}]]
    assert theirs["edit_date"] is None
    assert changes["change"] == theirs["change"]

    message_id = theirs["message_id"]
    await script.bot("editMessageText", chat_id=ANNA, message_id=message_id, text="Bye")
    changes = await script.get(f"/chats/{ANNA}/messages?after={changes['change']}")
    (edited,) = changes["messages"]
    assert (edited["message_id"], edited["text"]) == (message_id, "Bye")
    assert edited["edit_date"] is not None


@pytest.mark.parametrize("button", ["pay", "Pay now"])
async def test_click_names_a_button_by_its_data_or_label(script: Script, button: str) -> None:
    await script.post(f"/chats/{BO}/messages", {"text": "hi"})
    keyboard = [
        [
            {"text": "Pay now", "callback_data": "pay"},
            {"text": "Copy", "copy_text": {"text": "13.37"}},
            {"text": "Open", "url": "https://example.com/"},
        ]
    ]
    message = await script.bot(
        "sendMessage", chat_id=BO, text="?", reply_markup={"inline_keyboard": keyboard}
    )
    message_id = message["result"]["message_id"]

    async def answer_click() -> None:
        while True:
            for update in (await script.bot("getUpdates", timeout=5))["result"]:
                await script.bot("getUpdates", offset=update["update_id"] + 1)
                if query := update.get("callback_query"):
                    assert query["data"] == "pay"
                    await script.bot(
                        "answerCallbackQuery",
                        callback_query_id=query["id"],
                        text="Thanks",
                        show_alert=True,
                    )
                    return

    bot = asyncio.create_task(answer_click())
    click = await script.post(
        f"/chats/{BO}/clicks", {"message_id": message_id, "button": button, "wait_seconds": 10}
    )
    await bot
    assert click["action"] == "callback"
    assert click["answer"]["text"] == "Thanks"
    assert click["answer"]["show_alert"] is True

    clicks = f"/chats/{BO}/clicks"
    copied = await script.post(clicks, {"button": "Cop"})
    assert copied == {"action": "copy_text", "text": "13.37"}
    opened = await script.post(clicks, {"message_id": message_id, "button": "Open"})
    assert opened == {"action": "url", "url": "https://example.com/"}


async def test_click_on_a_button_that_is_not_there_says_which_are(script: Script) -> None:
    sent = await script.post(f"/chats/{BO}/messages", {"text": "hi"})
    with pytest.raises(Refused, match="no buttons") as refused:
        await script.post(
            f"/chats/{BO}/clicks", {"message_id": sent["message_id"], "button": "Pay"}
        )
    assert (refused.value.status, refused.value.code) == (409, "telegram_refuses")


async def test_click_without_a_message_takes_the_newest_with_such_a_button(script: Script) -> None:
    await script.post(f"/chats/{OLGA}/messages", {"text": "hi"})
    for text, label in (("1", "First ✅"), ("2", "First"), ("3", "Second")):
        keyboard = [[{"text": label, "copy_text": {"text": text}}]]
        await script.bot(
            "sendMessage", chat_id=OLGA, text="?", reply_markup={"inline_keyboard": keyboard}
        )
    for wanted, text in (("First", "2"), ("✅", "1"), ("Sec", "3")):
        click = await script.post(f"/chats/{OLGA}/clicks", {"button": wanted})
        assert click == {"action": "copy_text", "text": text}
    with pytest.raises(Refused, match="Second"):
        await script.post(f"/chats/{OLGA}/clicks", {"button": "Third"})


async def test_waiting_for_messages_ends_with_the_first_one(script: Script) -> None:
    last = (await script.get(f"/chats/{OLGA}/messages"))["change"]
    waiting = asyncio.create_task(script.get(f"/chats/{OLGA}/messages?after={last}&wait=30"))
    sent = await script.post(f"/chats/{OLGA}/messages", {"text": "/admin"})
    changes = await waiting
    assert [message["message_id"] for message in changes["messages"]] == [sent["message_id"]]


async def test_waiting_for_messages_ends_without_any(script: Script) -> None:
    last = (await script.get(f"/chats/{OLGA}/messages"))["change"]
    changes = await script.get(f"/chats/{OLGA}/messages?after={last}&wait=0.05")
    assert changes == {"messages": [], "answers": [], "change": last}


async def test_person_can_edit_delete_and_send_a_picture(script: Script) -> None:
    sent = await script.post(f"/chats/{ANNA}/messages", {"text": "ten"})
    chat = f"/chats/{ANNA}"
    message_id = sent["message_id"]
    edited = await script.post(f"{chat}/edits", {"message_id": message_id, "text": "twenty"})
    assert edited["text"] == "twenty"
    assert edited["edit_date"] is not None
    deleted = await script.post(f"{chat}/deletions", {"message_id": message_id})
    assert deleted["deleted"] is True

    photo = base64.b64encode(picture()).decode()
    shown = await script.post(f"{chat}/photos", {"photo": photo, "caption": "look"})
    assert shown["caption"] == "look"
    async with script.session.get(shown["photo_url"]) as answer:
        assert await answer.read() == picture()
    with pytest.raises(Refused, match="base64"):
        await script.post(f"{chat}/photos", {"photo": "§"})


async def test_members_talk_and_press_buttons_in_groups(script: Script) -> None:
    chat = f"/chats/{ORDERS}"
    said = await script.post(f"{chat}/messages", {"user_id": BO, "text": "hi"})
    assert (said["chat_id"], said["user_id"], said["from"]) == (ORDERS, BO, "user")
    edit = {"user_id": BO, "message_id": said["message_id"], "text": "hi all"}
    assert (await script.post(f"{chat}/edits", edit))["text"] == "hi all"
    with pytest.raises(Refused, match="Only your own"):
        await script.post(f"{chat}/deletions", {**edit, "user_id": ANNA})
    assert (await script.post(f"{chat}/deletions", edit))["deleted"] is True

    keyboard = {"inline_keyboard": [[{"text": "I am on it", "callback_data": "x"}]]}
    sent = await script.bot(
        "sendMessage", chat_id=STAFF, text="Look", reply_markup=json.dumps(keyboard)
    )
    assert sent["result"]["chat"] == {"id": STAFF, "title": "Staff", "type": "group"}
    click = {"user_id": VERA, "button": "on it"}
    query = await script.post(f"/chats/{STAFF}/clicks", click)
    await script.bot("answerCallbackQuery", callback_query_id=query["query_id"], text="no")
    [*_, answer] = (await script.get(f"/chats/{STAFF}/messages"))["answers"]
    assert (answer["chat_id"], answer["user_id"], answer["text"]) == (STAFF, VERA, "no")
    with pytest.raises(Refused, match="is in no group"):
        await script.post(f"/chats/{STAFF}/clicks", {**click, "user_id": ANNA})
    with pytest.raises(Refused, match="user_id"):
        await script.post(f"/chats/{STAFF}/messages", {"text": "who?"})


async def test_groups_lose_the_bot_and_become_supergroups() -> None:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        world = await stack.enter_async_context(world_in(folder / "world"))
        script = await stack.enter_async_context(script_for(world.url))
        group = f"/groups/{STAFF}"
        await script.post(group, {"user_id": OLGA, "action": "remove_bot"})
        assert [each["has_bot"] for each in (await script.state())["groups"]] == [True, False]
        refused = await script.bot("sendMessage", chat_id=STAFF, text="Look")
        assert refused["description"] == "Forbidden: bot was kicked from the group chat"
        await script.post(group, {"user_id": OLGA, "action": "add_bot"})
        new = (await script.post(group, {"user_id": OLGA, "action": "upgrade"}))["id"]
        refused = await script.bot("sendMessage", chat_id=STAFF, text="Look")
        assert refused["parameters"] == {"migrate_to_chat_id": new}
        [_, staff] = (await script.state())["groups"]
        assert (staff["id"], staff["type"], staff["migrated_from"]) == (new, "supergroup", STAFF)
        [told] = (await script.get(f"/chats/{new}/messages"))["messages"]
        assert told["service"] == {"migrate_from_chat_id": STAFF}
        with pytest.raises(Refused, match="only"):
            await script.post(group, {"user_id": OLGA, "action": "add_bot"})


async def test_blocked_bot_cannot_write(script: Script) -> None:
    await script.post(f"/chats/{BO}/messages", {"text": "hi"})
    await script.post(f"/chats/{BO}/block", {"blocked": True})
    assert (await script.state())["users"][1]["blocked"] is True
    refused = await script.bot("sendMessage", chat_id=BO, text="?")
    assert refused["error_code"] == 403
    await script.post(f"/chats/{BO}/block", {"blocked": False})
    assert (await script.bot("sendMessage", chat_id=BO, text="!"))["ok"]


# ── transfers ────────────────────────────────────────────────────────────────────────────────


async def test_trx_transfer_is_a_real_transaction(script: Script) -> None:
    before = await script.account("Bob")
    state = await script.state()
    sent = await script.post("/transfers", {"from": "Anna", "to": "Bob", "sun": 3 * TRX})
    with pytest.raises(Refused, match="waits for a block") as refused:
        await script.get(f"/transactions/{sent['txid']}")
    assert refused.value.status == 404
    (waiting, *_) = (await script.get("/accounts/Anna/transfers"))["transfers"]
    assert (waiting["txid"], waiting.get("block")) == (sent["txid"], None)

    chain = await script.post("/blocks", {"count": 1})

    assert chain["height"] == state["chain"]["height"] + 1
    done = await script.get(f"/transactions/{sent['txid']}")
    assert (done["kind"], done["sun"], done["block"]) == ("trx", 3 * TRX, chain["height"])
    assert (await script.account("Bob"))["trx_sun"] == before["trx_sun"] + 3 * TRX
    info = await script.node("wallet/gettransactionbyid", value=sent["txid"])
    assert info["ret"] == [{"contractRet": "SUCCESS"}]


async def test_usdt_transfer_burns_what_was_estimated(script: Script) -> None:
    order = {"from": "Anna", "to": "Bob", "usdt": 25 * USDT}
    estimate = await script.post("/estimates", order)
    assert estimate["energy_needed"] == 64_285
    assert estimate["energy_fee_sun"] == 6_428_500
    before = await script.account("Anna")

    txid = (await script.post("/transfers", order))["txid"]
    await script.post("/blocks")

    done = await script.get(f"/transactions/{txid}")
    assert (done["kind"], done["usdt"], done["success"]) == ("usdt", 25 * USDT, True)
    assert done["burned_sun"] == estimate["burned_sun"]
    after = await script.account("Anna")
    assert before["trx_sun"] - after["trx_sun"] == estimate["burned_sun"]
    assert before["usdt_micro"] - after["usdt_micro"] == 25 * USDT


async def test_transfer_to_an_address_without_usdt_needs_twice_as_much(script: Script) -> None:
    estimate = await script.post("/estimates", {"from": "Anna", "to": "Carol", "usdt": USDT})
    assert estimate["energy_needed"] == 130_285
    activation = await script.post("/estimates", {"from": "Anna", "to": "Carol", "sun": TRX})
    assert activation["activation_fee_sun"] == TRX


async def test_transfer_with_own_energy_burns_nothing(script: Script) -> None:
    txid = (await script.post("/transfers", {"from": "Exchange", "to": "Bob", "usdt": USDT}))[
        "txid"
    ]
    await script.post("/blocks")
    done = await script.get(f"/transactions/{txid}")
    assert (done["burned_sun"], done["energy_used"]) == (0, 64_285)
    assert done["energy_source"] == "own"


async def test_payment_is_called_one(script: Script) -> None:
    state = await script.state()
    body = {"from": "小波", "to": state["payment_address"], "sun": 2_828_123}
    txid = (await script.post("/transfers", body))["txid"]
    await script.post("/blocks")
    (block, *_) = (await script.get("/blocks?limit=1"))["blocks"]
    assert [(each["txid"], each["kind"]) for each in block["transactions"]] == [(txid, "payment")]


async def test_trx_sent_through_a_contract_arrive_without_a_transfer(script: Script) -> None:
    state = await script.state()
    before = (await script.account("Payment address"))["trx_sun"]
    order = {"from": "Exchange", "to": "Payment address", "sun": 7, "through_contract": True}
    estimate = await script.post("/estimates", order)
    assert (estimate["problem"], estimate["energy_needed"]) == (None, 7_161)
    txid = (await script.post("/transfers", order))["txid"]
    await script.post("/blocks")
    assert (await script.account("Payment address"))["trx_sun"] == before + 7
    shown = await script.get(f"/transactions/{txid}")
    assert (shown["kind"], shown["sun"], shown["success"]) == ("payment", 7, True)
    assert shown["to"] == state["payment_address"]
    assert shown["through"] == state["payout_contract"]
    sent = await script.node("wallet/gettransactionbyid", value=txid)
    assert sent["raw_data"]["contract"][0]["type"] == "TriggerSmartContract"
    infos = await script.node("wallet/gettransactioninfobyblocknum", num=shown["block"])
    (internal,) = infos[0]["internal_transactions"]
    assert internal["callValueInfo"] == [{"callValue": 7}]

    plain = await script.post("/transfers", order | {"through_contract": False})
    await script.post("/blocks")
    assert "through" not in await script.get(f"/transactions/{plain['txid']}")
    much = await script.post("/estimates", order | {"sun": 10**15})
    assert much["problem"] == "There is not that much TRX in this wallet."
    for wrong in ({"through_contract": "yes"}, {"sun": None, "usdt": 7}):
        with pytest.raises(Refused) as refused:
            await script.post("/transfers", order | wrong)
        assert (refused.value.status, refused.value.code) == (400, "bad_field")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"to": "Bob", "sun": 1}, 400, "missing_field"),
        ({"from": "Nobody", "to": "Bob", "sun": 1}, 400, "unknown_account"),
        ({"from": "Anna", "to": "T123", "sun": 1}, 400, "bad_address"),
        ({"from": "Anna", "to": "Bob"}, 400, "bad_amount"),
        ({"from": "Anna", "to": "Bob", "sun": 1, "usdt": 1}, 400, "bad_amount"),
        ({"from": "Anna", "to": "Bob", "sun": 1.5}, 400, "bad_field"),
        ({"from": "Anna", "to": "Bob", "sun": "1"}, 400, "bad_field"),
        ({"from": "Anna", "to": "Bob", "sun": 0}, 409, "amount"),
        ({"from": "Anna", "to": "Bob", "sun": 10**15}, 409, "contract_validate_error"),
        ({"from": "Anna", "to": "Anna", "sun": 1}, 409, "contract_validate_error"),
    ],
)
async def test_wrong_transfers_are_explained(
    script: Script, body: dict[str, object], status: int, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        await script.post("/transfers", body)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert refused.value.message[0].isupper() or refused.value.message[0] == "`"


async def test_estimate_says_what_would_fail(script: Script) -> None:
    much = await script.post("/estimates", {"from": "Anna", "to": "Bob", "usdt": 10**12})
    assert much["problem"] == "There is not that much USDT in this wallet."
    much = await script.post("/estimates", {"from": "Anna", "to": "Bob", "sun": 10**12})
    assert much["problem"] == "There is not that much TRX in this wallet."
    body = {"from": "Carol", "to": "Bob", "usdt": 1}
    assert (await script.post("/estimates", body))["problem"]


# ── chain ────────────────────────────────────────────────────────────────────────────────────


async def test_clock_moves_the_chain(script: Script) -> None:
    before = (await script.state())["chain"]
    after = await script.post("/clock", {"advance_seconds": 3600})
    assert after["time_ms"] - before["time_ms"] == 3_603_000
    assert after["height"] == before["height"] + 1
    head = await script.node("wallet/getnowblock")
    assert head["block_header"]["raw_data"]["timestamp"] == after["time_ms"]
    # Telegram's clock is the same, so that both stories fit together.
    message = await script.post(f"/chats/{ANNA}/messages", {"text": "later"})
    assert message["date"] == after["time_ms"] // 1000
    # And a transfer right after a jump is in time.
    sent = await script.post("/transfers", {"from": "Anna", "to": "Bob", "sun": 1})
    await script.post("/clock", {"advance_seconds": 60})
    assert (await script.get(f"/transactions/{sent['txid']}"))["success"]


async def test_waiting_for_a_transaction_ends_with_its_block(script: Script) -> None:
    sent = await script.post("/transfers", {"from": "Anna", "to": "Bob", "sun": 2})
    waiting = asyncio.create_task(script.get(f"/transactions/{sent['txid']}?wait=30"))
    await asyncio.sleep(0)
    chain = await script.post("/blocks", {"count": 3})
    assert (await waiting)["block"] == chain["height"] - 2


async def test_old_blocks_with_transactions_are_still_listed(script: Script) -> None:
    sent = await script.post("/transfers", {"from": "Anna", "to": "Bob", "sun": 4})
    await script.post("/blocks", {"count": 60})
    blocks = (await script.get("/blocks?limit=10"))["blocks"]
    assert [block["number"] for block in blocks] == sorted(
        (block["number"] for block in blocks), reverse=True
    )
    listed = {each["txid"] for block in blocks for each in block["transactions"]}
    assert sent["txid"] in listed


# ── the app ──────────────────────────────────────────────────────────────────────────────────


async def test_app_started_by_hand_takes_no_orders(script: Script) -> None:
    with pytest.raises(Refused, match="by hand") as refused:
        await script.post("/app", {"action": "kill"})
    assert refused.value.status == 409
    with pytest.raises(Refused, match="kill, stop, start"):
        await script.post("/app", {"action": "dance"})


# ── manners ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "unknown_path"),
        ("PUT", "/state", 404, "unknown_path"),
        ("GET", "/chats/77/messages", 404, "unknown_user"),
        ("GET", "/blocks/999999", 404, "unknown_block"),
        ("GET", "/blocks?limit=0", 400, "bad_field"),
        ("GET", f"/chats/{ANNA}/messages?after=x", 400, "bad_field"),
    ],
)
async def test_wrong_requests_are_explained(
    script: Script, method: str, path: str, status: int, code: str
) -> None:
    async with script.session.request(method, f"{script.url}/sandbox/v1{path}") as answer:
        assert answer.status == status
        read = await answer.json()
    assert read["error"]["code"] == code
    assert read["error"]["message"]


@pytest.mark.parametrize("body", ["{", "[]", '"text"'])
async def test_body_that_is_no_object_is_refused(script: Script, body: str) -> None:
    async with script.session.post(f"{script.url}/sandbox/v1/clock", data=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["code"] == "bad_json"


async def test_body_is_read_as_curl_sends_it(script: Script) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with script.session.post(
        f"{script.url}/sandbox/v1/blocks", data='{"count": 1}', headers=headers
    ) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8730", "192.168.1.9", ""])
async def test_foreign_host_is_refused_everywhere(script: Script, host: str) -> None:
    state = await script.state()
    for url in (
        f"{script.url}/",
        f"{script.url}/sandbox/v1/state",
        f"{state['bot_api_url']}/bot{state['bot']['token']}/getMe",
        f"{state['node_url']}/wallet/getnowblock",
        f"{state['solidity_url']}/walletsolidity/getnowblock",
    ):
        async with script.session.get(url, headers={"Host": host}) as answer:
            assert answer.status == 421, url
            assert state["bot"]["token"] not in await answer.text()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
async def test_foreign_origin_is_refused(script: Script, origin: str) -> None:
    url = f"{script.url}/sandbox/v1/transfers"
    body = json.dumps({"from": "Anna", "to": "Bob", "sun": 1})
    async with script.session.post(url, data=body, headers={"Origin": origin}) as answer:
        assert answer.status == 403
    async with script.session.post(url, data=body, headers={"Origin": script.url}) as answer:
        assert answer.status == 201


async def test_page_is_served_with_a_policy_that_keeps_it_at_home(script: Script) -> None:
    for path, kind in (
        ("/", "text/html"),
        ("/main.js", "text/javascript"),
        ("/style.css", "text/css"),
    ):
        async with script.session.get(script.url + path) as answer:
            assert answer.status == 200
            assert answer.content_type == kind
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    for path in ("/words.py", "/../world.py", "/%2e%2e/world.py", "/page/main.js"):
        async with script.session.get(script.url + path) as answer:
            assert answer.status == 404


async def test_events_tell_what_happens(script: Script) -> None:
    async with script.session.get(f"{script.url}/sandbox/v1/events") as stream:
        assert stream.content_type == "text/event-stream"
        await stream.content.readuntil(b"\n\n")
        await script.post("/blocks")
        sent = await script.post(f"/chats/{ANNA}/messages", {"text": "watch"})
        await script.post("/transfers", {"from": "Anna", "to": "Bob", "sun": 5})
        chain = await script.post("/blocks")
        heard: dict[str, Any] = {}
        while heard.get("state", {}).get("chain", {}).get("height") != chain["height"]:
            event = (await stream.content.readuntil(b"\n\n")).decode()
            lines = dict(line.split(": ", 1) for line in event.strip().splitlines())
            heard[lines["event"]] = json.loads(lines["data"])
    assert heard["message"]["message_id"] == sent["message_id"]
    block = heard["blocks"]["blocks"][-1]
    assert block["number"] == chain["height"]
    assert [each["sun"] for each in block["transactions"]] == [5]


# ── the next start ───────────────────────────────────────────────────────────────────────────


async def test_next_start_goes_on_with_the_same_world(server_folder: Path) -> None:
    folder = server_folder / "deeper" / "world"
    async with world_in(folder) as world, script_for(world.url) as script:
        first = await script.state()
        sent = await script.post(f"/chats/{ANNA}/messages", {"text": "remember"})
        moved = await script.post("/transfers", {"from": "Anna", "to": "Bob", "sun": 7})
        await script.post("/clock", {"advance_seconds": 86_400})
        waiting = await script.post("/transfers", {"from": "Anna", "to": "Bob", "sun": 8})
    async with world_in(folder) as world, script_for(world.url) as script:
        second = await script.state()
        assert second["world_id"] == first["world_id"]
        assert [(a["address"], a["private_key"]) for a in second["accounts"]] == [
            (a["address"], a["private_key"]) for a in first["accounts"]
        ]
        assert second["bot"] == first["bot"]
        chat = await script.get(f"/chats/{ANNA}/messages")
        assert [message["message_id"] for message in chat["messages"]] == [sent["message_id"]]
        assert (await script.get(f"/transactions/{moved['txid']}"))["sun"] == 7
        await script.post("/blocks")
        assert (await script.get(f"/transactions/{waiting['txid']}"))["sun"] == 8
        transfers = (await script.get("/accounts/Anna/transfers"))["transfers"]
        assert [each["sun"] for each in transfers] == [8, 7]


async def test_secrets_in_the_data_folder_are_for_its_owner_only(server_folder: Path) -> None:
    async with world_in(server_folder / "world"):
        kept = server_folder / "world" / "inhabitants.json"
        assert kept.stat().st_mode & 0o077 == 0
