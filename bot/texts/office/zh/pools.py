"""Chinese: pools."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.office.pools import PoolsTexts
from bot.texts.zh_words import ChineseWords
from services.acts import Act
from services.pool_adding import AddFault
from services.pools import PoolState, Trouble


class ChinesePools(ChineseWords, PoolsTexts):
    """Pools in Chinese."""

    add_button = "添加能量池"
    refresh_button = "再看一次"
    look_again_button = "已签名，再看一次"
    risk_button = "我承担这个风险"
    no_reserve_button = "不保留"

    _title = "能量池"
    _no_pools = "还没有能量池，因此无法出售。添加一个：/addpool"
    _all_free = "全部空闲：{} 能量"
    _row = "{}：空闲 {} 能量，已借出 {}"
    _page = "第 {} 页，共 {} 页，{} 个能量池"
    _changes: ClassVar = {
        "enable": "出售",
        "drain": "停售",
        "disable": "停用",
        "reserve": "保留量",
        "cap": "单次上限",
        "hourly": "每小时上限",
        "priority": "优先级",
        "cost": "成本",
    }
    _states: ClassVar = {
        PoolState.ENABLED: "正在出售",
        PoolState.DRAINING: "已停售：不再出售，进行中的到期收回",
        PoolState.DISABLED: "已停用：不再出售，也不再看管，进行中的到期收回",
    }
    _troubles: ClassVar = {
        Trouble.NO_KEY: "程序没有它的密钥",
        Trouble.NOT_ACTIVATED: "链上没有这个账户",
        Trouble.NO_PERMISSION: "它的密钥不能（或不能单独）委托和收回",
        Trouble.FAILING: "网络拒绝了它最近的委托，每分钟会再试一次",
        Trouble.NO_BANDWIDTH: "带宽和 TRX 都不够两笔交易",
    }
    _terms: ClassVar = {
        "reserve_sun": "保留量",
        "cap_sun": "单次委托最多质押",
        "hourly_delegations": "每小时委托次数",
        "priority": "优先级",
        "cost_sun": "成本",
    }
    _pool = "能量池 "
    _not_read = "还不知道它的质押情况，一分钟内会查看。"
    _as_of_block = "没有节点响应：数据截至区块 {}。"
    _stake = "质押：{}"
    _can_lend = "现在可借出：{}，即可售 {} 能量"
    _lent = "已借出：{}，租用：{}"
    _next_back = "下次收回："
    _recovering = "恢复中：{} 能量"
    _recovers = "，至 "
    _later_title = "以后空闲（若不再出售）"
    _later = "{} 小时后：{} 能量"
    _fees = "带宽：质押 {}，免费 {}。手续费：{}。够 {} 笔交易"
    _terms_title = "条件"
    _term = "{}：{}"
    _signed_by = "以权限 {} 签名，密钥 "
    _declared = "配置文件也写了它：那里的改动在下次启动时优先。"
    _no_bound = "没有单独限制"
    _sun_a_day = "每 1,000 能量每天 {} sun"
    _no_such_pool = "没有这个地址的能量池。"

    _about_states: ClassVar = {
        Act.POOL_ENABLE: "开始出售：能量池 ",
        Act.POOL_DRAIN: "停售：能量池 ",
        Act.POOL_DISABLE: "停用：能量池 ",
    }
    _meanings: ClassVar = {
        Act.POOL_ENABLE: "立即重新从它出售。",
        Act.POOL_DRAIN: "不再从它出售，但仍会看管。",
        Act.POOL_DISABLE: "不再从它出售，也没有人看管：不会告警。",
    }
    _rentals_run_on = "继续进行、到期收回的租用：{}"
    _energy_change = "现在可售能量：{} → {}"
    _energy_unknown = "没有节点响应：不知道之后还能售多少。"
    _done: ClassVar = {
        Act.POOL_ENABLE: "正在出售。",
        Act.POOL_DRAIN: "已停售。",
        Act.POOL_DISABLE: "已停用。",
        Act.POOL_TERMS: "已更改，立即生效。",
        Act.POOL_ADD: "已登记。正在查看，一切正常就会出售。",
    }
    _ask: ClassVar = {
        "reserve_sun": "多少质押永不借出？",
        "cap_sun": "单次委托最多用多少质押？",
        "hourly_delegations": "每小时最多委托几次？",
        "priority": "优先级是多少？数字大的先用。",
        "cost_sun": "它的 1,000 能量每天成本多少？",
    }
    _takes_away = "输入短横线（-）即取消限制。"
    _now = "现在：{}"
    _wrong: ClassVar = {
        "reserve_sun": "请输入 TRX 金额，例如 1000 或 250.5，最多六位小数。",
        "cap_sun": "请输入 TRX 金额，例如 1000 或 250.5，至少 1 TRX，最多六位小数。",
        "hourly_delegations": "请输入 1 到 100,000 的整数。",
        "priority": "请输入 -100 到 100 的整数。",
        "cost_sun": "请输入 sun 的整数，例如 250。1 TRX 等于 1,000,000 sun。",
    }
    _so_already = "{}已经是 {}。请输入别的数值。"
    _before_after = "{}：{} → {}"

    _ask_address = (
        "哪个账户要作为能量池？请发送它的地址。我会在链上查看，暂时不做任何更改。请勿发送私钥。"
    )
    _wrong_address = "这里面没有 TRON 地址。它以 T 开头，共 34 个字符。请再发一次。"
    _add_faults: ClassVar = {
        AddFault.PAYMENT_ADDRESS: "这是收款地址。请用单独的账户：客户的钱不能放在出借能量的地方。",
        AddFault.REFUND_WALLET: "这是退款钱包，它的密钥能转走其中的一切。请用单独的账户。",
        AddFault.KNOWN: "它已经是能量池：/pools",
        AddFault.NOT_ACTIVATED: "链上没有这个账户：尚未激活。",
        AddFault.CONTRACT: "这是合约，不能授予任何人权限。",
        AddFault.NO_KEY: "我没有这样的能量池密钥。请在服务器上用 energy-flash keys add NAME --new "
        "生成一个，然后重新开始。",
        AddFault.UNAVAILABLE: "现在没有 TRON 节点响应。什么都没有更改，请稍后再试。",
    }
    _account_has = "质押换能量：{}。TRX：{}"
    _nothing_staked = "还没有质押换能量，因此没有可售的。"
    _choose_key = "用我们的哪把密钥为它签名？"
    _more_keys = "……还有 {} 把：请发送密钥的地址。"
    _grant_title = "这把密钥还不能委托。账户所有者需要签一笔交易"
    _grant_still = "链上还看不到。发送后需要几秒钟"
    _grant_adds = "添加权限 {}：仅这把密钥可委托（57）和收回（58），别的都不行。"
    _grant_keeps = "其余不变的部分会原样重写。"
    _grant_costs = "网络为此燃烧 {}；账户有 {}。"
    _grant_too_little = "不够：请先给账户转一些 TRX。"
    _grant_how = (
        "上面那条消息就是节点 /wallet/accountpermissionupdate 所需的内容；各部分即 tronWeb 的 "
        "updateAccountPermissions 的参数。请在所有者自己的钱包里签名，绝不要在这里。"
    )
    _grant_by_command = "内容太长，放不进一条消息。在服务器上这样查看："
    _grant_no_room = "该账户已有 8 个活跃权限，达到上限。所有者需要先删除一个。"
    _key_can_more = "这把密钥对该账户能做的不止委托。"
    _risk_title = "这把密钥能做的【不止】委托"
    _thief_could = "偷到它的人可以："
    _everything = "做任何事：转走全部 TRX 和代币，并接管账户"
    _operations: ClassVar = {
        1: "转走它的 TRX",
        2: "转走它的代币（TRC-10）",
        31: "调用合约：转走它的 USDT 和其他代币",
        46: "更改它的权限：永久接管账户",
        54: "质押它的 TRX",
        55: "解除它的质押",
        56: "提取已解除的质押",
        59: "取消解除质押",
    }
    _other_operations = "发起这些类型的交易：{}"
    _better_key = "最好在服务器上单独生成一把密钥（energy-flash keys add NAME --new），再选它。"
    _take_the_risk = "仍然要用这把密钥从该账户出售吗？"
    _ask_new_reserve = "多少质押永不借出？"
    _can_delegate = "权限 {} 只允许这把密钥委托，别的都不行。"
    _meaning_of_adding = "新的能量池；右边是签名的密钥："
    _yields = "其空闲质押现在的能量：{}"
    _watched_at_once = "立即开始出售，每分钟查看一次。"
    _use_the_buttons = "请使用上面消息里的按钮。"
    _key_taken_away = "这看起来像私钥，我已删除您的消息。"
    _key_advice = (
        "我从不索要私钥。如果它是私钥，它已经到过 Telegram 的服务器：请转走其中的资产，"
        "不要再使用它。上面的问题还在等您回答。"
    )
