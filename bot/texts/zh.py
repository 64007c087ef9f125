"""简体中文。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import ClassVar, assert_never

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.menu_card import MenuCard
from bot.texts.notation import lines
from bot.texts.office import OfficeTexts
from bot.texts.office import zh as zh_office
from bot.texts.order_card import OrderCard
from bot.texts.quote_card import QuoteCard
from bot.texts.zh_keys import ChineseKeys
from bot.texts.zh_money import ChineseMoney
from bot.texts.zh_operator import ChineseOperator
from bot.texts.zh_time import ChineseTime
from chain.addresses import Address, AddressFault
from services.order_views import OrderView, Origin
from services.quotes import QuoteFault
from services.tokens import USDT


class Chinese(
    ChineseMoney, ChineseTime, ChineseKeys, ChineseOperator, OrderCard, QuoteCard, MenuCard
):
    """中文文案。"""

    @cached_property
    def office(self) -> OfficeTexts:
        return zh_office.office(self._explorer_url)

    # What Telegram shows around the chat

    description = (
        "⚡ 租用 TRON 能量，转 USDT 不再燃烧 TRX。\n\n"
        "付少量 TRX，几秒后能量就到您的钱包。我绝不会索要私钥或助记词。"
    )
    short_description = "几秒租到 TRON 能量，转 USDT 少花 TRX。"
    commands = (
        ("rent", "租能量"),
        ("orders", "我的订单"),
        ("available", "现在有多少能量"),
        ("balance", "我的余额"),
        ("api", "给程序用的密钥"),
        ("language", "语言 · Language · Язык"),
        ("help", "使用说明"),
        ("cancel", "停止并返回菜单"),
    )

    # Buttons

    rent_button = "⚡ 租能量"
    orders_button = "我的订单"
    language_button = "语言"
    help_button = "帮助"
    menu_button = "菜单"
    back_button = "‹ 返回"
    retry_button = "再试一次"
    other_wallet_button = "换一个钱包"
    use_address_button = "对，就是它"
    holder_button = "对方已有 USDT"
    newcomer_button = "对方没有 USDT，或不确定"
    other_trc20_button = "转其他代币"
    copy_address_button = "复制地址"
    refresh_button = "🔄 刷新"
    cancel_order_button = "取消订单"
    rent_again_button = "⚡ 再租一次"
    open_bot_button = "打开私聊"

    def confirm_button(self, price_sun: int) -> str:
        return f"下单 {self.price(price_sun)}"

    def copy_amount_button(self, amount_sun: int) -> str:
        return f"复制 {exact_trx(amount_sun)}"

    def transfers_button(self, transfers: int) -> str:
        return f"{self.number(transfers)} 笔"

    def shortfall_button(self, own_energy: int) -> str:
        return f"只补差额（自有 {self.number(own_energy)}）"

    def whole_button(self) -> str:
        return "不算自有能量"

    # Around a sale

    _shop = "能量闪租"

    def _energy_costs(self, price: Text) -> Text:
        return Text("一笔 USDT 转账所需的能量：", price, "。")

    def _sending_costs(self, price: Text, burning: str) -> Text:
        return Text("转一笔 USDT 只要 ", price, f"，自己燃烧约 {burning}。")

    _pay_here = "付款后几秒，能量就到您的钱包。"
    _no_new_orders = "暂停接受新订单。"
    _back_before_long = "店铺正在维护，请过一会儿再来。"
    _the_rest_goes_on = "您已下的订单照常处理：/orders"
    _all_is_rented_out = ("能量目前全部租出。", "租期结束、用过的能量恢复后，会自动回来。")

    def _free_now(self, energy: str) -> str:
        return f"现在可租：{energy} 能量"

    def _one_order_up_to(self, transfers: int) -> str:
        return f"一个订单最多可租 {transfers} 笔转账。"

    _if_nobody_rents_more = "如果没有新的订单："

    def _in_hours(self, hours: int, energy: str) -> str:
        return f"{hours} 小时后：{energy}"

    def help(self, flash_address: Address | None = None) -> Text:
        return lines(
            Bold("使用说明"),
            "",
            "在 TRON 上转 USDT 需要能量。钱包里没有能量，就会燃烧 TRX。在这里租能量更省。",
            "",
            "1. 告诉我哪个钱包要转出 USDT。",
            "2. 用您自己的任意钱包，按显示的准确金额支付 TRX；或用余额支付。",
            "3. 几秒后能量到账，请在租期内转出 USDT。",
            "",
            *self._flash(flash_address),
            Text(
                Bold("您的钱不会丢。"),
                "多付的存入余额；少付的、对不上订单的，我会问您怎么处理。"
                "/balance 可查看余额、提取余额。",
            ),
            "",
            Text(
                Bold("请勿用交易所提币付款。"),
                "交易所会改动金额、到账也慢，我认不出是您。"
                "已经这样付了？金额准确就照样有效；不准确的也有记录，运营人员可以查到。",
            ),
            "",
            Text("我", Bold("绝不"), "索要私钥或助记词，凡是索要的都是骗子。"),
            "",
            "/rent  租能量",
            "/orders  我的订单",
            "/balance  余额、退款、我的地址",
            "/api  给您的程序用的密钥",
            "/language  Language · язык",
            "/cancel  返回菜单",
        )

    def _flash(self, address: Address | None) -> list[Text | str]:
        if address is None:
            return []
        return [
            Bold("还有更快的办法"),
            "不用下单，直接用需要能量的钱包把 TRX 转到",
            self.address(address),
            "我会按金额给这个钱包发整笔的能量。剩下的在您证明这个地址后存入余额：/balance",
            "",
        ]

    def choose_language(self) -> Text:
        return Text("您想使用哪种语言？")

    # From address to quote

    def ask_sender(self, *, has_saved: bool) -> Text:
        return lines(
            Bold("哪个钱包要转出 USDT？"),
            "请粘贴它的 TRON 地址，能量会发到这个地址。",
            "也可以直接点选用过的地址。" if has_saved else None,
        )

    def address_refused(self, fault: AddressFault, found_length: int) -> Text:
        match fault:
            case AddressFault.EMPTY:
                what, then = (
                    "这里没有看到 TRON 地址。",
                    "地址以 T 开头，共 34 个字符，请粘贴过来。",
                )
            case AddressFault.LENGTH:
                what, then = (
                    f"这个地址有 {found_length} 个字符，而 TRON 地址是 34 个。",
                    "请在钱包里复制完整地址，再粘贴过来。",
                )
            case AddressFault.ALPHABET:
                what, then = (
                    "地址里有 TRON 地址不会用到的字符（例如 0、O、I、l）。",
                    "请在钱包里复制，不要手动输入。",
                )
            case AddressFault.CHECKSUM:
                what, then = (
                    "地址里有字符写错了：校验和对不上。",
                    "请在钱包里复制，不要手动输入。",
                )
            case AddressFault.NOT_TRON:
                what, then = (
                    "这是其他网络的地址。",
                    "TRON 地址以 T 开头，请复制您的 TRON 钱包地址。",
                )
            case _:
                assert_never(fault)
        return lines(Bold(what), then)

    def address_ethereum(self) -> Text:
        return lines(
            Bold("这是以太坊或 BNB Chain 地址（0x…）。"),
            "请在钱包里切换到 TRON（TRC20），复制以 T 开头的地址。",
        )

    def address_in_hex(self, address: Address) -> Text:
        return lines(
            "您发的是地址的技术格式，它的常用格式是",
            self.address(address),
            "是这个钱包吗？",
        )

    def wallet_refused(self, fault: QuoteFault, address: Address) -> Text:
        match fault:
            case QuoteFault.NOT_ACTIVATED:
                what, then = (
                    "这个钱包在 TRON 上尚未激活，收不到能量。",
                    "请先给它转一点 TRX（1 TRX 就够），再回来租。",
                )
            case QuoteFault.IS_CONTRACT:
                what, then = (
                    "这是智能合约，合约不能接收租来的能量。",
                    "请给我要转出 USDT 的钱包地址。",
                )
            case QuoteFault.IS_OURS:
                what, then = (
                    "这是我们自己的地址。",
                    "请给我您的地址：要转出 USDT 的那个钱包。",
                )
            case QuoteFault.SENDER_FROZEN:
                what, then = (
                    "这个钱包已被代币发行方冻结，转不出代币。",
                    "租能量对它没有用处，请换一个钱包。",
                )
            case _:
                return self.quote_refused(fault)
        return lines(Bold(what), self.address(address), then)

    _energy_will_go_to = "能量将发到"
    _on_it_now = "目前有 "

    def _energy_free(self, energy: str) -> str:
        return f"可用能量 {energy}。"

    def _no_tokens_yet(self, symbol: str) -> str:
        return f"这个钱包还没有 {symbol}，建议 {symbol} 到了再租，以免浪费租期。"

    _no_bandwidth_today = "它今天的免费带宽已用完，转账仍会燃烧约 0.35 TRX。"

    def _who_receives(self, symbol: str) -> str:
        return f"谁来收这笔 {symbol}？"

    def _choose_or_paste(self, symbol: str) -> str:
        return (
            f"对方没有 {symbol} 时，能量要多一倍。请选择，或粘贴收款地址，由我准确计算。"
            "后面可以写上金额：T… 250"
        )

    def ask_token(self) -> Text:
        return lines(
            Bold("要转哪种代币？"),
            "请粘贴它的 TRC-20 合约地址，在区块浏览器的代币页面上可以找到。",
        )

    def not_trc20(self, address: Address) -> Text:
        return lines(
            Bold("这个地址上没有 TRC-20 代币。"),
            self.address(address),
            "请粘贴代币的合约地址，而不是钱包地址。",
        )

    def amount_unclear(self, symbol: str) -> Text:
        return lines(
            Bold("我看不懂这个金额。"),
            f"请只发地址，或在后面写一个 {symbol} 金额：T… 250",
        )

    def destination_is_sender(self, symbol: str = USDT) -> Text:
        return lines(
            Bold("这就是转出钱包本身。"),
            f"请粘贴收 {symbol} 的地址，或在上面选择。",
        )

    def _how_many_transfers(self, symbol: str) -> str:
        return f"要转几笔 {symbol}？"

    def _number_or_budget(self, limit: str) -> str:
        return f"请选择，或输入 1 到 {limit} 的数字，也可以输入预算：20 TRX"

    _receiver_not_active = "收款地址还没有激活，不影响转账。"

    def _receiver_is_contract(self, symbol: str) -> str:
        return f"收款地址是智能合约，请确认它能接收 {symbol}。"

    def _receiver_has_none(self, symbol: str) -> str:
        return f"收款地址还没有 {symbol}：第一笔需要更多能量。"

    def transfers_refused(self, limit: int) -> Text:
        return Text(f"请输入 1 到 {self.number(limit)} 的整数，或预算，例如 20 TRX。")

    def ask_duration(self) -> Text:
        return lines(
            Bold("租多久？"),
            "到期后，没用完的能量会收回。",
        )

    # The quote

    def _for_transfers(self, transfers: int, duration: timedelta) -> str:
        return f" · {self.number(transfers)} 笔 · {self.duration(duration)}"

    def _price_of_each(self, price: str) -> str:
        return f"每笔 {price}。"

    def _surge(self, percent: int) -> str:
        return f"目前空闲能量不多，价格暂时上浮 {percent}%。"

    def _saves(self, burning: str, percent: int) -> str:
        return f"没有能量则要燃烧约 {burning}，为您省 {percent}%。"

    def _does_not_pay_off(self, burning: str) -> str:
        return f"⚠️ 这样租不划算：自己燃烧约 {burning}。租期短一些可能更便宜。"

    def _bandwidth_is_short(self, burning: str) -> str:
        return f"带宽不够：转账仍会燃烧约 {burning}。"

    def _budget_would_buy_more(self, budget: str) -> str:
        return f"{budget} 本可以租更多，但目前一单最多这些。"

    def _budget_buys_this(self, budget: str) -> str:
        return f"{budget} 最多可租这些。"

    _energy_goes_to = "能量发到"

    def _tokens_go_to(self, symbol: str) -> str:
        return f"{symbol} 转到"

    def _sender_has_none(self, symbol: str) -> str:
        return f"⚠️ 转出钱包里还没有 {symbol}。"

    def _energy_sold(self, energy: str) -> str:
        return f"能量：{energy}"

    def _first_then(self, first: str, following: str) -> str:
        return f"首笔 {first}，其余 {following}"

    def _less_own(self, parts: str, own: str) -> str:
        return f"{parts}，减自有 {own}"

    _estimated = "这是估算：目前还无法在链上试算这笔转账。"
    _measured = "已在链上试算。"

    def _own_energy(self, energy: str, *, counted: bool) -> str:
        return f"自有能量：{energy}，{'已扣除' if counted else '没有扣除'}"

    def _available_now(self, energy: str) -> str:
        return f"目前可租：{energy}"

    _price_expires = "⏳ 报价截止："

    # Where there is no quote

    def needs_nothing(self, recipient: Address, transfers: int, symbol: str = USDT) -> Text:
        return lines(
            Bold("好消息：您不用租。"),
            self.address(recipient),
            f"现有的能量已经够转 {self.number(transfers)} 笔。"
            f"直接转 {symbol} 即可，不会为能量燃烧 TRX。",
        )

    def budget_too_small(self, budget_sun: int, price_sun: int) -> Text:
        return lines(
            Bold(f"{self.about_trx(budget_sun)} 不够租一笔。"),
            f"一笔需要 {self.price(price_sun)}。",
        )

    def not_enough_energy(self, available: int, transfers_possible: int) -> Text:
        if transfers_possible:
            then = f"够转 {self.number(transfers_possible)} 笔。"
        else:
            then = "能量会不断收回，请过几分钟再看。"
        return lines(
            Bold(f"目前只有 {self.number(available)} 能量。"),
            then,
            "没有扣除任何费用。",
        )

    def quote_refused(self, fault: QuoteFault, limit: int = 0) -> Text:
        match fault:
            case QuoteFault.ORDER_TOO_LARGE | QuoteFault.RECEIVER_LIMIT | QuoteFault.DAILY_LIMIT:
                return self._over_limit(fault, limit)
            case QuoteFault.CHAIN_UNAVAILABLE:
                what, then = (
                    "现在连不上 TRON 网络。",
                    "没有扣除任何费用，请半分钟后点按钮再试。",
                )
            case QuoteFault.TOO_MANY_OPEN_ORDERS:
                what, then = ("您有好几个未付款的订单。", "请先付款或取消其中一个。")
            case QuoteFault.PRICE_GONE:
                what, then = ("价格刚刚调整。", "请重新选择。")
            case QuoteFault.DESTINATION_IS_RECIPIENT:
                return self.destination_is_sender()
            case QuoteFault.SENDER_FROZEN:
                what, then = (
                    "转出钱包已被代币发行方冻结。",
                    "它转不出代币，租能量没有用处。",
                )
            case QuoteFault.DESTINATION_FROZEN:
                what, then = (
                    "收款地址已被代币发行方冻结。",
                    "转过去的钱拿不回来，请向对方要另一个地址。",
                )
            case QuoteFault.BALANCE_TOO_SMALL:
                what, then = (
                    "转出钱包里没有那么多。",
                    "没有扣除任何费用。请先转入，或写小一点的金额。",
                )
            case QuoteFault.TRANSFER_REVERTS:
                what, then = (
                    "代币合约拒绝这笔转账。",
                    "有能量也没用，所以我不卖。请换一个收款地址。",
                )
            case QuoteFault.NOT_TRC20:
                what, then = ("这不是 TRC-20 代币。", "请另选一种。")
            case QuoteFault.NOT_ENOUGH_ENERGY:
                what, then = (
                    "目前没有可租的能量。",
                    "没有扣除任何费用，请过几分钟再看。",
                )
            case _:
                what, then = ("暂时不能这样下单。", "请重新选择。")
        return lines(Bold(what), then)

    def _over_limit(self, fault: QuoteFault, limit: int) -> Text:
        match fault:
            case QuoteFault.ORDER_TOO_LARGE:
                what, then = (
                    f"每个订单最多 {self.number(limit)} 能量。",
                    "没有扣除任何费用，请减少转账笔数。",
                )
            case QuoteFault.RECEIVER_LIMIT:
                what, then = (
                    f"这个钱包一小时内已租 {limit} 次，达到上限。",
                    "没有扣除任何费用。从第一次算起满一小时后可以再租。",
                )
            case _:
                what, then = (
                    f"您一天内已下 {limit} 个订单，达到上限。",
                    "没有扣除任何费用。从第一单算起满一天后可以再下单。",
                )
        return lines(Bold(what), then)

    def draft_gone(self) -> Text:
        return Text("这份填写已经失效。我们重新来一次，只要半分钟。")

    # The card of an order

    after_day: ClassVar[str] = " "

    _send_exactly = "请准确转账"
    _to_address = "到"
    _expires = "⏳ 截止："

    def _pays_for(self, order: OrderView, place: Text) -> Text:
        rents = "用于" if order.origin is Origin.EXTENSION else "用于租 "
        return Text(f"{rents}{self._goods(order)}，{self._to(order)} ", place, "。")

    _not_from_an_exchange = "请勿用交易所提币付款。"
    _from_your_own_wallet = "请用自己的钱包，金额一位都不要改，这样我才认得出是您。"

    def _part_has_arrived(self, trx: str) -> str:
        return f"🪙 已收到 {trx} TRX，钱是安全的。"

    _send_the_rest = "订单还差一部分，请再准确转账"
    _if_no_rest_to_extend = "到时若没有补齐，我会问您：存入余额，还是退回。"
    _if_no_rest_to_rent = "到时若没有补齐，我会问您：按已付的金额发能量、存入余额，还是退回。"

    _payment_seen = "👀 已看到您的付款，正在确认…"
    _nothing_to_do = "您不用再做什么，只要几秒。"
    _done_in_seconds = "只要几秒，好了我会通知您。"
    _delivered_in_seconds = "只要几秒，到了我会通知您。"

    def _energy_delivered(self, energy: str) -> str:
        return f"✅ {energy} 能量已到账"

    _on_address = "地址 "
    _lasts_until = "有效至 "

    def _enough_for(self, transfers: int, symbol: str) -> str:
        return f"够转 {self.number(transfers)} 笔 {symbol}，现在就可以转。"

    _rental_is_over = "🏁 租期已结束"
    _expired_do_not_pay = "⌛ 订单已过期，请勿再付款。"

    def _rest_did_not_come(self, deadline: str) -> str:
        return f"到 {deadline} 为止没有补齐。已付的钱是安全的：我会另发消息问您怎么处理。"

    def _nothing_came(self, deadline: str) -> str:
        return f"到 {deadline} 为止没有收到付款，没有扣除任何费用。"

    _paid_before_it_expired = (
        "已经付了？您的钱是安全的：及时到账的仍然有效，更晚的我会问您怎么处理。"
    )
    _cancelled_do_not_pay = "🚫 订单已取消，请勿再付款。"
    _part_is_safe = "已付的部分是安全的：我会另发消息问您怎么处理。"
    _nothing_charged = "没有扣除任何费用。"
    _paid_before_it_was_cancelled = "已经付了？您的钱是安全的：我会问您怎么处理。"
    _money_is_safe = "🛟 您的钱是安全的。"

    def _not_delivered(self, why: str) -> str:
        return f"能量没能送达{why}。"

    def _goods_for(self, order: OrderView) -> str:
        return f"{self._goods(order)}，{self._to(order)}"

    def _goods_on(self, order: OrderView) -> str:
        return f"{self._goods(order)}，地址"

    _from_the_balance = "（余额支付）"

    # The news

    def _still_missing(self, number: int, trx: str) -> str:
        return f"订单 #{number} 还差 {trx} TRX，一位都不要改。转到哪里，请看订单卡片："

    def _energy_is_on(self, energy: str, place: Text, until: Sequence[Text | str]) -> Text:
        return Text(Bold(f"✅ {energy} 能量"), "已到 ", place, *until, "。")

    def _can_send(self, symbol: str) -> str:
        return f"现在可以转 {symbol} 了。"

    def _rental_is_over_on(self, energy: str, place: Text) -> Text:
        return Text(Bold("🏁 租期已结束："), place, f" 上的 {energy} 能量。")

    _what_came_is_safe = "🛟 您已付的钱是安全的。"

    def _asked_about_it_next(self, number: int) -> str:
        return f"订单 #{number} 到时没有补齐，已过期。下一条消息会问您怎么处理这笔钱。"

    def _expired_unpaid(self, number: int) -> str:
        return f"⌛ 订单 #{number} 未付款，已过期。"

    _order_again = "请勿再付款。重新下单只要点两下。"

    def _order_not_delivered(self, number: int, why: str) -> str:
        return f"订单 #{number} 的能量没能送达{why}。"

    # What both say

    def _flash_on_its_way(self, trx: str, transfers: int) -> str:
        return f"⚡ 收到您转来的 {trx} TRX，正在发送 {self.number(transfers)} 笔的能量。"

    def _less_on_its_way(self, transfers: int) -> str:
        return f"⚡ 按您已付的金额，正在发送 {self.number(transfers)} 笔的能量。"

    _paid_from_balance_on_its_way = "⚡ 已用余额支付，正在发送能量。"
    _paid_on_its_way = "⚡ 已到账，正在发送能量。"
    _person_looks_first = "⚡ 已到账，工作人员会先查看这个订单，然后发送能量。"
    _will_be_told = "您不用做什么，有结果后我会通知您。"

    def _after_payment(self, seconds: int) -> str:
        return f"付款后 {self.number(seconds)} 秒到账。"

    def _left_over(self, trx: str) -> str:
        return f"剩下的 {trx} TRX 已存入您的余额。"

    def _paid_too_much(self, trx: str) -> str:
        return f"多付的 {trx} TRX 已存入您的余额。"

    def _you_sent(self, trx: str) -> str:
        return f"您转来了 {trx} TRX。"

    def _you_sent_more(self, trx: str, left: str) -> str:
        return f"您转来了 {trx} TRX，{left}"

    _not_used = "能量没有使用。"

    def _used(self, used: str, energy: str) -> str:
        return f"用了 {used} / {energy} 能量。"

    def _used_and_saved(self, used: str, energy: str, saved: str) -> str:
        return f"用了 {used} / {energy} 能量，比燃烧省了约 {saved}。"

    _no_energy_in_time = "：这段时间内没有足够的空闲能量"
    _not_at_the_address = "：链上没有显示能量到达您的地址"
    _not_accepted = "：店铺没有接受这个订单"
    _payment_undone = "网络撤回了包含您付款的区块，这些 TRX 又回到了您的钱包。"
    _balance_is_back = "用余额支付的部分已退回余额。"
    _payment_goes_back = "您的付款会全额退回原付款地址，到账后我会通知您。"
    _payment_on_balance = "您付的钱已全额存入余额，可以重新下单，也可以提取：/balance"
    _operator_decides = "您的付款已记录，运营人员已收到通知并会处理，您不用做什么。"

    # The list of orders

    def orders(self, page: int, pages: int) -> Text:
        return lines(
            Bold("我的订单"),
            "点一下即可打开。" if pages == 1 else f"第 {page} 页，共 {pages} 页。点一下即可打开。",
        )

    def no_orders(self) -> Text:
        return lines(Bold("还没有订单。"), "第一单只要半分钟。")

    # Toasts

    up_to_date = "已是最新。"
    nothing_seen_yet = "已是最新：还没有看到付款。转账后几秒就会显示。"
    payment_is_in = "您的付款已经到了，订单会继续。"
    order_is_closed = "这个订单已不再等待付款。"
    order_unknown = "您的订单里没有找到它。/orders 可查看全部。"
    button_outdated = "这个按钮已过时。发送 /start 打开菜单。"
    quote_lapsed = "报价已过期，这是最新的报价。"
    too_many_open_orders = "您有好几个未付款的订单，请先付款或取消其中一个。"
    energy_just_sold = "这些能量刚刚被别人租走了，没有扣除任何费用。"
    order_declined = "我们无法接受这个订单，没有扣除任何费用。如有疑问，请联系店铺。"
    too_fast = "太快啦，请稍等一下。"
    language_chosen = "好的，用中文。"

    # Answers to what nobody expected

    def words_only(self) -> Text:
        return lines("我只能读文字。", "请把 TRON 地址作为文字粘贴，或使用按钮。")

    def not_understood(self) -> Text:
        return lines(
            "我能看懂按钮和 TRON 地址。",
            "请粘贴要转出 USDT 的钱包地址，或选择：",
        )

    def command_unknown(self) -> Text:
        return Text("我不认识这个命令。我能做的是：")

    def nothing_to_cancel(self) -> Text:
        return Text("没有需要取消的。未付款的订单可在订单卡片上取消：/orders")

    def wizard_cancelled(self) -> Text:
        return Text("已停止，什么都没有改变。")

    def looks_like_transaction(self) -> Text:
        return lines(
            "这看起来是交易哈希。不用发给我：我会自动找到付款，在 /orders 的订单卡片上可以看到；"
            "没有用来支付订单的在 /balance。",
            "",
            Text(
                Bold("如果这是私钥，"),
                "请立即删除这条消息，并把资产转到新钱包。私钥不要给任何人看。",
            ),
        )

    def looks_like_secret(self) -> Text:
        return lines(
            Bold("这看起来是助记词，请马上删除这条消息。"),
            "不要发给任何人：谁有助记词，谁就拥有钱包。我只需要以 T 开头的地址。"
            "如果助记词是真的，请把资产转到新钱包。",
        )

    def private_chats_only(self) -> Text:
        return Text("我只在私聊里服务，这样别人看不到您的订单。")

    def banned(self) -> str:
        return "这个账号不能在这里下单。已付的款项都有记录。"

    def trouble(self, reference: str) -> str:
        return f"我这边出了点状况。您的订单和钱都是安全的，请一分钟后再点一次。（编号 {reference}）"
