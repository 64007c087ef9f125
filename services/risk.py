"""What is risky about an order: a pure decision, which says why.

The specification's 风险评估. Each reason has a measure of the facts and a rule of the operator's:
over its threshold the rule's outcome counts, and of several the worst one does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What becomes of an order, the mildest first."""

    ALLOW = "allow"
    ASK = "ask"
    """It is paid as usual, and delivered when a person has allowed it."""
    REFUSE = "refuse"


_WORSE = {outcome: place for place, outcome in enumerate(Outcome)}


class RiskReason(StrEnum):
    """What can be risky."""

    ADDRESS_LISTED = "address_listed"
    USER_LISTED = "user_listed"
    USER_HOUR = "user_hour"
    USER_DAY = "user_day"
    ADDRESS_HOUR = "address_hour"
    ADDRESS_DAY = "address_day"
    ORDER_SIZE = "order_size"
    FRESH_AND_BIG = "fresh_and_big"
    NO_TOKENS = "no_tokens"
    FROM_EXCHANGE = "from_exchange"
    FROM_CONTRACT = "from_contract"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskFacts:
    """What is known about an order. Counts of orders hold this one, too, if it is no extension.

    `finished` are the customer's orders that were delivered before, None where nobody knows the
    customer; `undone` of their `orders` of a month were cancelled, or their money asked back.
    `holds_token`: the receiver of the energy has some of the token, None where nobody could tell.
    """

    address_listed: bool = False
    user_listed: bool = False
    user_hour: int = 0
    user_day: int = 0
    address_hour: int = 0
    address_day: int = 0
    amount_sun: int = 0
    finished: int | None = None
    holds_token: bool | None = None
    from_exchange: bool = False
    from_contract: bool = False
    orders: int = 0
    undone: int = 0


@dataclass(frozen=True, slots=True)
class RiskRule:
    """What happens `above` a threshold: a count, sun, per cent.

    `orders`: of FRESH_AND_BIG how many delivered orders make a customer known, of UNDONE how many
    there have to be before a share of them says anything.
    """

    outcome: Outcome
    above: int = 0
    orders: int = 0


RiskRules = Mapping[RiskReason, RiskRule]
"""A rule for every reason."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """The worst of what the rules say, and everything that is not simply allowed."""

    outcome: Outcome
    reasons: tuple[RiskReason, ...]


def assess(facts: RiskFacts, rules: RiskRules) -> Assessment:
    """What becomes of an order, and why."""
    reasons = tuple(
        reason
        for reason in RiskReason
        if rules[reason].outcome is not Outcome.ALLOW
        and _measured(reason, facts, rules[reason]) > rules[reason].above
    )
    return Assessment(worst(rules[reason].outcome for reason in reasons), reasons)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of some outcomes; ALLOW of none."""
    return max(outcomes, key=_WORSE.__getitem__, default=Outcome.ALLOW)


def _measured(reason: RiskReason, facts: RiskFacts, rule: RiskRule) -> int:
    """What is compared with the threshold."""
    match reason:
        case RiskReason.ORDER_SIZE:
            return facts.amount_sun
        case RiskReason.FRESH_AND_BIG:
            known = facts.finished is not None and facts.finished >= rule.orders
            return 0 if known else facts.amount_sun
        case RiskReason.NO_TOKENS:
            return int(facts.holds_token is False)
        case RiskReason.UNDONE:
            enough = facts.orders >= max(1, rule.orders)
            return 100 * facts.undone // facts.orders if enough else 0
        case _:
            return int(getattr(facts, reason))
