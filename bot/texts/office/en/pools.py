"""English: pools."""

from __future__ import annotations

from typing import ClassVar

from bot.texts.en_words import EnglishWords
from bot.texts.office.pools import PoolsTexts
from services.acts import Act
from services.pool_adding import AddFault
from services.pools import PoolState, Trouble


class EnglishPools(EnglishWords, PoolsTexts):
    """Pools in English."""

    add_button = "Add a pool"
    refresh_button = "Look again"
    look_again_button = "Signed: look again"
    risk_button = "I take that risk"
    no_reserve_button = "Keep nothing back"

    _title = "Pools"
    _no_pools = "There is no pool yet, so nothing can be sold. Add one: /addpool"
    _all_free = "Free in all of them: {} energy"
    _row = "{}: {} energy free, {} lent"
    _page = "Page {} of {}, {} pools"
    _changes: ClassVar = {
        "enable": "Sell",
        "drain": "Drain",
        "disable": "Disable",
        "reserve": "Reserve",
        "cap": "Cap",
        "hourly": "Hourly limit",
        "priority": "Priority",
        "cost": "Cost",
    }
    _states: ClassVar = {
        PoolState.ENABLED: "Sold from",
        PoolState.DRAINING: "Drained: not sold from; what runs is taken back when it ends",
        PoolState.DISABLED: "Disabled: not sold from and not watched; what runs is taken back",
    }
    _troubles: ClassVar = {
        Trouble.NO_KEY: "The program has not got its key",
        Trouble.NOT_ACTIVATED: "The chain knows no such account",
        Trouble.NO_PERMISSION: "Its key may not, or not alone, delegate and undelegate",
        Trouble.FAILING: "The network refused its last delegations; it is tried every minute",
        Trouble.NO_BANDWIDTH: "It has neither bandwidth nor TRX for two transactions",
    }
    _terms: ClassVar = {
        "reserve_sun": "Reserve",
        "cap_sun": "Most stake in one delegation",
        "hourly_delegations": "Delegations in an hour",
        "priority": "Priority",
        "cost_sun": "Cost",
    }
    _pool = "Pool "
    _not_read = "Nothing is known of its stake yet: it is looked at within a minute."
    _as_of_block = "No node answers: this is as of block {}."
    _stake = "Stake: {}"
    _can_lend = "Can lend now: {}, that is {} energy for sale"
    _lent = "Lent: {}, rentals: {}"
    _next_back = "Next comes back: "
    _recovering = "Recovering: {} energy"
    _recovers = ", until "
    _later_title = "Free later, if nothing more is sold"
    _later = "In {} h: {} energy"
    _fees = "Bandwidth: {} staked, {} free. For fees: {}. Enough for {} transactions"
    _terms_title = "Terms"
    _term = "{}: {}"
    _signed_by = "Signed by permission {} with the key "
    _declared = "The configuration names it too: what is changed there wins at the next start."
    _no_bound = "no limit of its own"
    _sun_a_day = "{} sun for 1,000 energy and day"
    _no_such_pool = "There is no pool of this address."

    _about_states: ClassVar = {
        Act.POOL_ENABLE: "Sell from the pool ",
        Act.POOL_DRAIN: "Drain the pool ",
        Act.POOL_DISABLE: "Disable the pool ",
    }
    _meanings: ClassVar = {
        Act.POOL_ENABLE: "It is sold from again, at once.",
        Act.POOL_DRAIN: "Nothing more is sold from it. It is still watched.",
        Act.POOL_DISABLE: "Nothing more is sold from it, and nobody watches it: no alarms.",
    }
    _rentals_run_on = "Rentals that run on, and are taken back when they end: {}"
    _energy_change = "Energy that can be sold now: {} → {}"
    _energy_unknown = "No node answers: how much can be sold then is not known."
    _done: ClassVar = {
        Act.POOL_ENABLE: "It is sold from.",
        Act.POOL_DRAIN: "It is drained.",
        Act.POOL_DISABLE: "It is disabled.",
        Act.POOL_TERMS: "Changed, and in force.",
        Act.POOL_ADD: "Registered. It is being looked at, and sold from if all is well.",
    }
    _ask: ClassVar = {
        "reserve_sun": "How much of its stake shall never be lent?",
        "cap_sun": "How much stake may one delegation have at most?",
        "hourly_delegations": "How many delegations may it make in an hour?",
        "priority": "Which priority? Higher is taken first.",
        "cost_sun": "What do 1,000 energy of it cost you for a day?",
    }
    _takes_away = "A dash (-) takes the limit away."
    _now = "Now: {}"
    _wrong: ClassVar = {
        "reserve_sun": "Type an amount in TRX, such as 1000 or 250.5: no more than six decimals.",
        "cap_sun": "Type an amount in TRX, such as 1000 or 250.5: 1 TRX at least, no more than six "
        "decimals.",
        "hourly_delegations": "Type a whole number from 1 to 100,000.",
        "priority": "Type a whole number from -100 to 100.",
        "cost_sun": "Type a whole number of sun, such as 250. 1 TRX is 1,000,000 sun.",
    }
    _so_already = "{} is {} already. Type something else."
    _before_after = "{}: {} → {}"

    _ask_address = (
        "Which account shall be a pool? Send its address. I look at it on the chain; nothing is "
        "changed yet. Never send a private key."
    )
    _wrong_address = (
        "I cannot read a TRON address in that. It begins with T and has 34 characters. Send it "
        "again."
    )
    _add_faults: ClassVar = {
        AddFault.PAYMENT_ADDRESS: "That is the payment address. Use an account of its own: "
        "customers' money must not lie where energy is lent from.",
        AddFault.REFUND_WALLET: "That is the refund wallet, whose key can move all that is in it. "
        "Use an account of its own.",
        AddFault.KNOWN: "That is a pool already: /pools",
        AddFault.NOT_ACTIVATED: "The chain knows no such account: it is not activated.",
        AddFault.CONTRACT: "That is a contract, which can grant nobody a permission.",
        AddFault.NO_KEY: "I have no such key for a pool. Make one on the server with energy-flash "
        "keys add NAME --new, then begin again.",
        AddFault.UNAVAILABLE: "No TRON node answers now. Nothing was changed; try again soon.",
    }
    _account_has = "Staked for energy: {}. TRX: {}"
    _nothing_staked = "Nothing is staked for energy yet, so there is nothing to sell."
    _choose_key = "Which of our keys shall sign for it?"
    _more_keys = "… and {} more: send the address of the key."
    _grant_title = "The key may not delegate yet. The owner has to sign one transaction"
    _grant_still = "The chain does not show it yet. It takes a few seconds after it was sent"
    _grant_adds = (
        "It adds permission {}: the key alone may delegate (57) and undelegate (58), nothing else."
    )
    _grant_keeps = "It says again all that stays as it is."
    _grant_costs = "The network burns {} for it; the account has {}."
    _grant_too_little = "That is too little: send the account some TRX first."
    _grant_how = (
        "The message above is what /wallet/accountpermissionupdate of a node takes; its parts are "
        "what tronWeb's updateAccountPermissions takes. Sign it in the owner's own wallet, never "
        "here."
    )
    _grant_by_command = "It is too long for a message. On the server this shows it:"
    _grant_no_room = (
        "The account has 8 active permissions, the most there can be. Its owner has to remove one "
        "first."
    )
    _key_can_more = "This key can do more to the account than delegate."
    _risk_title = "This key can do MORE than delegate"
    _thief_could = "Whoever steals it could:"
    _everything = "do everything: send all TRX and tokens away, and take the account over"
    _operations: ClassVar = {
        1: "send its TRX away",
        2: "send its tokens (TRC-10) away",
        31: "call contracts: send its USDT and other tokens away",
        46: "change its permissions: take the account over for good",
        54: "stake its TRX",
        55: "end its stakes",
        56: "withdraw ended stakes",
        59: "cancel the end of stakes",
    }
    _other_operations = "make transactions of the kinds {}"
    _better_key = (
        "Better make a key of its own on the server (energy-flash keys add NAME --new) and choose "
        "that one."
    )
    _take_the_risk = "Do you want to sell from this account with this key all the same?"
    _ask_new_reserve = "How much of its stake shall never be lent?"
    _can_delegate = "Permission {} lets the key delegate, and nothing else."
    _meaning_of_adding = "A new pool; on its right the key that signs:"
    _yields = "Energy of its free stake now: {}"
    _watched_at_once = "It is sold from at once, and looked at every minute."
    _use_the_buttons = "Use the buttons of the message above, please."
    _key_taken_away = "That looked like a private key, so I deleted your message."
    _key_advice = (
        "I never ask for one. If it was one, it has been on Telegram's servers: move what it holds "
        "and use it no more. The question above is still open."
    )
