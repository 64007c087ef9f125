"""Chinese: prices."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.prices import PricesTexts
from bot.texts.zh_words import ChineseWords
from services.acts import Act
from services.price_keeping import PriceFault


class ChinesePrices(ChineseWords, PricesTexts):
    """Prices in Chinese."""

    add_button = "增加租期"
    change_button = "改价"
    remove_button = "停止出售"
    history_button = "以往价格"
    _edits: ClassVar = {
        "minimum": "最低消费",
        "steps": "阶梯",
        "start": "何时起",
        "at_once": "还是立即",
        "back": "回到价格",
        "publish": "发布",
    }

    _title = "价格"
    _and_more = "……还有 {} 个。"
    _price = "每能量 {} sun，每单至少 {}"
    _step = "{} 能量起：{} sun"
    _valid_until = "至 "
    _planned_from = "计划自 "
    _not_now = "现在不出售。"
    _surge_title = "空闲能量少时"
    _surge_step = "空闲低于 {}%：+{}%"
    _surge_now = "现在所有价格加：+{}%"
    _surge_unknown = "没有节点响应：不知道现在加多少。"
    _not_for_sale = "这个租期不出售。"

    _customers_pay = "客户看到的"
    _sample = "转账 {} 笔：{}"
    _sample_change = "转账 {} 笔：{} → {}（{}%）"
    _burning = "，燃烧 {}"
    _costs = "按最贵的能量池，一笔转账成本约 {}。"
    _loses = "这低于能量池的成本。"
    _dearer = "燃烧并不更贵：客户租用得不到好处。"

    _new_price = "{}：新价格"
    _was = "现在"
    _begins_at_once = "立即生效。"
    _begins = "生效时间："
    _withdraws = "这会撤销原计划："
    _type_sun = "请输入每能量多少 sun，或使用按钮。"
    _new_duration = "这个租期还没有出售。"
    _asks: ClassVar = {
        "minimum": "每单至少多少？请输入 TRX 金额，例如 1 或 0.5。",
        "steps": "大单每能量可以更便宜。每个阶梯输入一行，例如 700000: 30。"
        "输入短横线（-）即取消全部阶梯。",
        "start": "从何时起？请输入 UTC 时间，例如 2026-12-31 18:00；只输入 18:00 即下一个 18:00。",
    }
    _ask_duration = "租多久？请输入小时，例如 6 或 0.5；或天数，例如 3d。"
    _ask_new_sun = "{}：整个租期每能量多少 sun？"
    _sold_already = "{}已在出售。请输入别的租期。"
    _faults: ClassVar = {
        PriceFault.SUN: "请输入每能量的 sun，1 到 1,000,000 的整数。",
        PriceFault.MINIMUM: "请输入 TRX 金额，例如 1 或 0.5，最多六位小数。",
        PriceFault.STEPS: "阶梯的能量要递增，sun 要递减且低于原价，最多 8 个。"
        "每个一行，例如 700000: 30。",
        PriceFault.DURATION: "请输入小时，例如 6 或 0.5；或天数，例如 3d。最长一年。",
        PriceFault.PAST: "请输入将来的 UTC 时间，例如 2026-12-31 18:00。",
        PriceFault.LAST: "这是唯一在售的租期：请先增加别的。",
    }
    _quotes_keep = "已有的报价和订单保持原价。"
    _about_removal = "{}：停止出售，计划中的也取消。"
    _still_on_sale = "仍在出售的租期：{}"
    _done: ClassVar = {
        Act.PRICE_CHANGE: "已发布。",
        Act.PRICE_REMOVE: "已停止出售。",
    }

    _history_title = "{}：以往价格"
    _no_history = "还没有人改过。"
    _always = "早于日志"
    _since = "自 "
    _until = "至 "
    _by = "操作人 {}"
    _by_configuration = "来自配置文件"
    _was_not_sold = "不出售"
    _older = "……之前还有 {} 条。"
