"""简体中文：余额、等您决定的付款、退款。"""

from __future__ import annotations

from aiogram.utils.formatting import Bold, Text

from bot.texts.figures import exact_trx
from bot.texts.money_card import MoneyCard
from bot.texts.notation import lines
from bot.texts.zh_words import ChineseWords
from chain.addresses import Address
from services.refunds import Refund, RefundFault, RefundWait

_WHY = {
    "ambiguous": "您有好几个未付款的订单，这个金额与哪个都不完全相符。",
    "late": "到账时付款时间已过。",
    "cancelled": "对应的订单此前已取消。",
    "paid_twice": "对应的订单此前已付过款。",
    "underpaid": "金额少于订单的价格。",
    "order_closed": "对应的订单已关闭。",
    "by_contract": "这笔钱由智能合约转来，合约用不了能量。",
    "sender_is_exchange": "这笔钱来自交易所，能量发到那里就浪费了。",
    "sender_cannot_receive": "付款地址不能接收能量。",
    "sender_frozen": "这个钱包的 USDT 已被发行方冻结，能量对它没有用。",
    "wrong_address": "这笔钱转到了不用来收订单款的地址。",
    "undeliverable": "对应的能量没能送达。",
    "no_energy": "当时没有可用的能量。",
    "too_often": "这个钱包一小时内租用次数过多。",
    "maintenance": "这笔钱到账时，店铺暂停接受新订单。",
    "declined": "店铺无法把它作为订单接受。",
    "too_little": "金额不够一笔转账的能量。",
    "banned": "这个账号不能再租用能量。",
}
_WAITS = {
    RefundWait.NO_WALLET: "由运营人员手动转出",
    RefundWait.OVER_CAP: "金额较大，运营人员先核对",
    RefundWait.DAILY_CAP: "今天的额度已用完，明天转出",
    RefundWait.WALLET_EMPTY: "已通知运营人员给退款钱包充值",
    RefundWait.REFUSED: "网络没有接受，正在重新转出",
    RefundWait.EXPIRED: "网络没有及时打包，正在重新转出",
}
_MOVEMENTS = {
    "paid": "多付的部分",
    "assigned": "剩余的部分",
    "released": "付款转入余额",
    "credited": "付款转入余额",
    "prepaid": "余额支付",
    "undeliverable": "能量没能送达",
    "refund": "提取",
    "claimed": "来自您证明过的地址",
    "left the chain": "付款已从链上撤回",
    "ended_early": "提前结束租期",
    "adjusted": "店铺调整",
}


class ChineseMoney(ChineseWords, MoneyCard):
    """客户看到的、关于存放在我们这里的钱的文案。"""

    # Buttons

    balance_button = "余额"
    pay_out_button = "提取…"
    prove_button = "证明地址"
    copy_proof_button = "复制文本"
    keep_button = "存入余额"

    def pay_from_balance_button(self, sun: int) -> str:
        return f"用余额支付（{self.price(sun)}）"

    def deliver_less_button(self, transfers: int) -> str:
        return f"发 {self.number(transfers)} 笔的能量"

    def send_back_button(self, sent_sun: int) -> str:
        return f"退回 {self.down_trx(sent_sun)}"

    def pay_out_now_button(self, sun: int) -> str:
        return f"确认提取 {exact_trx(sun)} TRX"

    # Toasts

    balance_too_small = "您的余额已经不够，没有扣除任何费用。"
    payment_being_confirmed = "这个订单有一笔付款正在确认，请过几秒再看。"
    paid_from_balance = "已用余额支付。"
    choice_unknown = "您的付款里没有找到它。/balance 可查看您在这里的钱。"
    choice_not_possible = "这样已经不行了，现在可以这样处理。"
    choice_not_now = "网络还在确认这笔付款，请过几分钟再点。"
    balance_has_changed = "您的余额有变化，这是最新的余额。"

    # A payment that pays no order

    def _your_trx_are_safe(self, trx: str) -> str:
        return f"🛟 您的 {trx} TRX 是安全的。"

    def _why_held(self, reason: str) -> str:
        return _WHY.get(reason, "没有订单等待这个金额。")

    _what_shall_i_do = "您想怎么处理？"

    def _way_to_deliver(self, transfers: int) -> str:
        return f"• 发能量：马上发 {self.number(transfers)} 笔的能量，剩下的存入余额。"

    _way_to_keep = "• 留在这里：下次下单可以直接支付。"

    def _way_back(self, trx: str, sender: Text, fee: str) -> Text:
        return Text(f"• 退回：{trx} TRX 退到 ", sender, f"，扣除网络手续费 {fee} TRX。")

    def _kept_by_itself(self, until: Text) -> Text:
        return Text("到 ", until, "您若没有选择，就存入您的余额。")

    _is_credited = ("✅ 已存入您的余额。", "下次下单可以直接支付：/balance")
    _is_refunded_now = ("✅ 正在退回。", "到账后我会通知您。")
    _is_refunded = "✅ 已经退回。"
    _pays_for_energy = ("✅ 已用来支付能量。", "订单有自己的卡片：/orders")
    _is_taken_back = ("网络撤回了这笔付款。", "TRX 还在您付款的钱包里。")

    def _is_on_your_balance(self, trx: str) -> str:
        return f"💰 {trx} TRX 已存入您的余额。"

    def _why_credited(self, reason: str) -> str:
        return self._why_held(reason)

    _pays_the_next_order = "下次下单可以直接支付，也可以提取：/balance"

    # Refunds

    def _goes_back_later(self, place: Text) -> Text:
        return Text("会退到 ", place, "，但需要一些时间：")

    def _nothing_to_do_meanwhile(self, wait: str) -> str:
        return f"{wait}。您不用做什么，到账后我会通知您。"

    def _was_sent_to_you(self, trx: str) -> str:
        return f"✅ {trx} TRX 已转给您。"

    _money_is_at = "地址 "

    def _waits_for(self, reason: RefundWait) -> str:
        return _WAITS[reason]

    _sent_being_confirmed = "已转出，网络正在确认"
    _sent_in_a_moment = "马上转出"

    # The balance

    def _adjusted(self, change: str) -> str:
        return f"💰 店铺调整了您的余额：{change} TRX。"

    def _now_holds(self, trx: str) -> str:
        return f"现在余额为 {trx} TRX：/balance"

    _webhook_is_off = "🔌 您的 webhook 已停用"
    _webhook_said_gone = "它的服务器返回 410，表示不再接收事件。"
    _webhook_took_nothing = "它的服务器连续几天没有接收任何事件。"
    _webhook_on_again = "服务器恢复应答后，请通过 API 重新启用，等待中的事件会随即发送。"

    _your_balance = "💰 您的余额："
    _balance_pays = "下单时可以直接支付，不用再转账。"
    _what_is_kept_here = "多付的、对不上订单的钱，都会替您存在这里。"
    _lately = "最近变动"
    _on_its_way_to_you = "正在转给您"

    def _under_way(self, trx: str, place: Text, wait: str) -> Text:
        return Text(f"{trx} TRX 到 ", place, f"：{wait}")

    def _moved_by(self, event: str) -> str:
        return _MOVEMENTS.get(event, event)

    # Paying out

    def pay_out_places(self, sun: int, fee_sun: int) -> Text:
        return lines(
            Bold(f"您的 {exact_trx(sun)} TRX 转到哪里？"),
            f"余额会全部提取，扣除网络手续费 {exact_trx(fee_sun)} TRX。",
            "",
            Text("⚠️ ", Bold("千万不要提到交易所："), "那里可能不会给您入账。"),
            "下面是您证明过的、或用来付过款的地址。",
        )

    def no_place_to_pay_out(self) -> Text:
        return lines(
            Bold("哪个钱包是您的？"),
            "我只把钱转到您证明过的、或用来付过款的地址。",
            "请先证明一个地址，只要一分钟。",
        )

    def too_little_to_pay_out(self, sun: int, fee_sun: int) -> Text:
        return lines(
            Bold(f"您的余额是 {exact_trx(sun)} TRX。"),
            f"提取要扣网络手续费 {exact_trx(fee_sun)} TRX，扣完就没有了。您仍可以用余额支付订单。",
        )

    def pay_out_confirm(self, to: Address, sun: int, fee_sun: int) -> Text:
        return lines(
            Bold(f"提取 {exact_trx(sun)} TRX？"),
            f"到账 {exact_trx(sun - fee_sun)} TRX，地址",
            self.address(to),
            f"扣除网络手续费 {exact_trx(fee_sun)} TRX，之后余额为 0。转出后无法撤回。",
        )

    def pay_out_done(self, refund: Refund) -> Text:
        return lines(
            Bold(f"✅ 正在转出 {exact_trx(refund.sent_sun)} TRX。"),
            "地址",
            self.address(refund.to),
            "大约一分钟到账，到账后我会通知您。",
        )

    def pay_out_refused(self, fault: RefundFault) -> str:
        match fault:
            case RefundFault.NOT_ENOUGH:
                return self.balance_has_changed
            case RefundFault.TOO_LITTLE:
                return "金额还不够网络手续费，提取后不会有钱到账。"
            case RefundFault.ADDRESS_NOT_PROVED:
                return "只能提取到您证明过的、或用来付过款的地址。"

    # Proving an address

    def ask_proved_address(self, *, has_saved: bool) -> Text:
        return lines(
            Bold("哪个地址是您的？"),
            "请粘贴地址，或点选一个。" if has_saved else "请粘贴地址。",
            "您用它的钱包签署一小段文本，以后它的付款就会认作是您的，它留在这里的钱也会转入您的"
            "余额。不收任何费用。",
        )

    def ask_signature(self, address: Address, proof: str) -> Text:
        return lines(
            Bold("请原样签署这段文本"),
            self.copied(proof),
            "",
            Text("用钱包 ", self.address_link(address), " 签名，再把签名粘贴到这里。"),
            "TronLink 由网页发起签名（signMessageV2）：用它的浏览器打开您信任的签名页面，"
            "粘贴文本并签名，然后复制以 0x 开头的结果。",
            "",
            "签名不会动用您的钱。我绝不需要您的私钥或助记词。",
        )

    def signature_missing(self) -> Text:
        return lines(
            Bold("这里没有看到签名。"),
            "签名以 0x 开头，后面有 130 个字符（0–9、a–f）。请完整粘贴。",
        )

    def not_proved(self, address: Address) -> Text:
        return lines(
            Bold("这个签名对不上。"),
            Text("签的是别的文本，或不是钱包 ", self.address_link(address), " 签的。"),
            "请原样复制上面的文本，用那个钱包签名，再粘贴结果。",
        )

    def address_of_another(self, address: Address) -> Text:
        return lines(
            Bold("已有别人证明了这个地址。"),
            self.address(address),
            "如果它只属于您，说明私钥可能已泄露：请把资产转到新钱包。",
        )

    def proved(self, address: Address, claimed_sun: int) -> Text:
        return lines(
            Bold("✅ 已证明：这个地址是您的。"),
            self.address(address),
            f"它留在这里的 {exact_trx(claimed_sun)} TRX 已存入您的余额。"
            if claimed_sun
            else "以后它的付款都会认作是您的。",
        )
