"""How much energy a customer's token transfer needs, and what it would burn.

The specification's EnergyCalculationService. The chain's own simulation of the very transfer comes
first: it knows the token's contract, who holds what, and the penalty that the network puts on busy
contracts. Where it cannot be had, the configured figures count, and the quote says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

from chain.accounts import Resources
from chain.addresses import Address, address_from_bytes
from chain.errors import ChainError
from chain.node import NodeClient
from services.tokens import Token, TokenFigures, Tokens

TRANSFER_BANDWIDTH = 345
"""Bytes of a token transfer with one signature, as the network counts them."""

_FEE_CACHE_SECONDS = 600.0
_FEE_RETRY_SECONDS = 30.0

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EnergyFigures:
    """Configured figures, for when the chain is silent or has nothing to simulate.

    `holder` and `non_holder` are the energy of one transfer, without margin, to somebody who has
    the token and who has not; `new_account` comes on top where the destination is not activated.
    `fee_sun` is sun per energy, `byte_sun` sun per byte. `tokens` have figures of their own.
    """

    holder: int
    non_holder: int
    fee_sun: int
    new_account: int = 0
    byte_sun: int = 1_000
    tokens: tuple[TokenFigures, ...] = ()

    def of_transfer(self, token: Address, *, holds_token: bool) -> int:
        """The figure for a token: its own, or that of USDT."""
        figures: EnergyFigures | TokenFigures = next(
            (each for each in self.tokens if each.address == token), self
        )
        return figures.holder if holds_token else figures.non_holder


@dataclass(frozen=True, slots=True)
class RecipientFacts:
    """What the chain says about the address that will send the token.

    `energy_free` is what it could spend now: of its own stake, and of what others lend to it.
    `token_units` is what it has of the token, in smallest units, None where nobody could tell;
    `bandwidth_transfers` how many transfers burn no TRX for bandwidth. What is `frozen` cannot
    be sent.
    """

    address: Address
    token: Token
    energy_free: int
    token_units: int | None
    bandwidth_transfers: int
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class DestinationFacts:
    """What the chain says about the address that will get the token."""

    address: Address
    holds_token: bool
    activated: bool
    is_contract: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer that somebody wants to make.

    Without a `destination`, `destination_holds_token` says what kind it is. `units` is the amount
    in the token's smallest units, None if it is not known: any amount takes the same energy.
    """

    sender: Address
    token: Token
    destination: Address | None = None
    destination_holds_token: bool = True
    units: int | None = None


class Obstacle(StrEnum):
    """Why a transfer would not come to its end, however much energy there is."""

    BALANCE_TOO_SMALL = "balance_too_small"
    SENDER_FROZEN = "sender_frozen"
    DESTINATION_FROZEN = "destination_frozen"
    REVERTS = "reverts"


@dataclass(frozen=True, slots=True)
class TransferNeed:
    """Energy without margin: of a transfer, and of each `next` one to the same destination.

    `simulated` by the chain, or configured figures. With an `obstacle` the energy would be
    useless.
    """

    first: int
    next: int
    simulated: bool
    destination: DestinationFacts | None = None
    obstacle: Obstacle | None = None

    def of(self, transfers: int) -> int:
        """Energy of so many transfers, without margin."""
        return self.first + (transfers - 1) * self.next


class RecipientUnusable(Exception):
    """Energy cannot be delegated to this address."""


class NotActivated(RecipientUnusable):
    """java-tron's DelegateResourceActuator: the receiver account must exist."""


class IsContract(RecipientUnusable):
    """java-tron's DelegateResourceActuator: no delegation to contract addresses."""


@dataclass(frozen=True, slots=True)
class _Fees:
    """What the network burns, in sun: per energy, and per byte of bandwidth."""

    energy_sun: int
    byte_sun: int


class EnergyNeeds:
    """Asks the chain what transfers cost."""

    def __init__(self, node: NodeClient, tokens: Tokens, figures: EnergyFigures) -> None:
        self._node = node
        self._tokens = tokens
        self._figures = figures
        self._fees: tuple[float, _Fees] | None = None
        # Tokens whose issuer freezes nobody.
        self._never_frozen: set[Address] = set()

    @property
    def figures(self) -> EnergyFigures:
        return self._figures

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    async def recipient(self, address: Address, token: Token | None = None) -> RecipientFacts:
        """What the chain says about a future receiver of energy; `token` is USDT if not named.

        Raises:
            NotActivated, IsContract: nothing can be delegated to it.
            ChainError: no node could answer.
        """
        token = token or self._tokens.usdt
        # At once: a node far away takes as long for all of it as for one.
        account, resources, units, frozen = await asyncio.gather(
            self._node.account(address),
            self._node.resources(address),
            self.units_of(address, token),
            self.is_frozen(address, token),
        )
        if account is None or resources is None:
            raise NotActivated(address)
        if account.is_contract:
            raise IsContract(address)
        return RecipientFacts(
            address=address,
            token=token,
            energy_free=resources.energy_left,
            token_units=units,
            bandwidth_transfers=_bandwidth_transfers(resources),
            frozen=frozen,
        )

    async def of_transfer(
        self, transfer: Transfer, sender_units: int | None = None
    ) -> TransferNeed:
        """Energy of a transfer, without margin; `sender_units` is what the sender has, if known.

        With a destination the transfer itself is simulated. Without one, a transfer of the same
        kind is: to the sender itself, who holds the token, or to somebody made up, who does not.
        A sender without the token cannot be simulated, and gets the configured figures.
        """
        if transfer.destination is None:
            return await self._of_any_transfer(transfer, sender_units)
        destination, frozen = await asyncio.gather(
            self._destination(transfer.destination, transfer.token),
            self.is_frozen(transfer.destination, transfer.token),
        )
        need = await self._to(transfer, destination, sender_units)
        if frozen and need.obstacle is None:
            # USDT takes what is sent to a frozen address, and nobody gets it out again.
            return self._figure(transfer, destination, Obstacle.DESTINATION_FROZEN)
        return need

    async def units_of(self, address: Address, token: Token) -> int | None:
        """What an address has of a token, in smallest units; None where nobody can tell."""
        return await _or_none(self._node.token_balance(token.address, address), "a balance")

    async def is_frozen(self, address: Address, token: Token) -> bool:
        """Whether the token's issuer has frozen the address; False where nobody can tell."""
        if token.address in self._never_frozen:
            return False
        try:
            frozen = await self._node.is_blacklisted(token.address, address)
        except ChainError as error:
            log.warning("whether an address is frozen could not be read: %s", error)
            return False
        if frozen is None:
            self._never_frozen.add(token.address)
        return bool(frozen)

    async def fee_sun(self) -> int:
        """What the network burns per energy, in sun; the configured figure if it is silent."""
        return (await self._read_fees()).energy_sun

    async def bandwidth_fee_sun(self) -> int:
        """What the network burns for the bandwidth of a transfer without any, in sun."""
        return await self.byte_fee_sun() * TRANSFER_BANDWIDTH

    async def byte_fee_sun(self) -> int:
        """What the network burns for a byte that no bandwidth pays for, in sun."""
        return (await self._read_fees()).byte_sun

    # ── simulating ───────────────────────────────────────────────────────────────────────────

    async def _of_any_transfer(self, transfer: Transfer, sender_units: int | None) -> TransferNeed:
        if transfer.units is not None and _too_few(sender_units, transfer.units):
            return self._figure(transfer, None, Obstacle.BALANCE_TOO_SMALL)
        holds = transfer.destination_holds_token
        somebody = transfer.sender if holds else _stranger(transfer.sender)
        energy = await self._simulate(transfer, somebody, sender_units)
        if energy is None:
            return self._figure(transfer, None)
        return TransferNeed(energy, energy, simulated=True)

    async def _to(
        self, transfer: Transfer, destination: DestinationFacts | None, sender_units: int | None
    ) -> TransferNeed:
        assert transfer.destination is not None
        if transfer.units is not None and _too_few(sender_units, transfer.units):
            return self._figure(transfer, destination, Obstacle.BALANCE_TOO_SMALL)
        if sender_units == 0:
            return self._figure(transfer, destination)
        try:
            call = await self._node.transfer_energy(
                transfer.token.address, transfer.sender, transfer.destination, transfer.units or 1
            )
        except ChainError as error:
            log.warning("a transfer could not be simulated: %s", error)
            return self._figure(transfer, destination)
        if call.reverted:
            return self._figure(
                transfer, destination, await self._why_reverted(transfer, sender_units)
            )
        first = following = call.energy_used
        if destination is not None and not destination.holds_token:
            simulated = await self._simulate(transfer, transfer.sender, sender_units)
            figures = self._figures
            token = transfer.token.address
            dearer = figures.of_transfer(token, holds_token=False) - figures.of_transfer(
                token, holds_token=True
            )
            following = min(first, simulated or max(1, first - dearer))
        return TransferNeed(first, following, simulated=True, destination=destination)

    async def _why_reverted(self, transfer: Transfer, sender_units: int | None) -> Obstacle | None:
        """What stops a transfer; None if its sender may simply have too little."""
        if await self.is_frozen(transfer.sender, transfer.token):
            return Obstacle.SENDER_FROZEN
        if sender_units is None:
            return None
        return Obstacle.REVERTS

    async def _simulate(
        self, transfer: Transfer, destination: Address, sender_units: int | None
    ) -> int | None:
        """Energy of a transfer of the smallest amount, or None."""
        if sender_units == 0:
            return None
        call = await _or_none(
            self._node.transfer_energy(transfer.token.address, transfer.sender, destination, 1),
            "a transfer",
        )
        return None if call is None or call.reverted else call.energy_used

    async def _destination(self, address: Address, token: Token) -> DestinationFacts | None:
        """None where nobody could tell."""
        try:
            account, units = await asyncio.gather(
                self._node.account(address), self._node.token_balance(token.address, address)
            )
        except ChainError as error:
            log.warning("a destination could not be read: %s", error)
            return None
        return DestinationFacts(
            address=address,
            holds_token=units > 0,
            activated=account is not None,
            is_contract=account is not None and account.is_contract,
        )

    def _figure(
        self,
        transfer: Transfer,
        destination: DestinationFacts | None,
        obstacle: Obstacle | None = None,
    ) -> TransferNeed:
        token = transfer.token.address
        if transfer.destination is None:
            # Who knows whether several transfers go to one destination or to many?
            each = self._figures.of_transfer(token, holds_token=transfer.destination_holds_token)
            return TransferNeed(each, each, simulated=False, obstacle=obstacle)
        holds_token = destination is not None and destination.holds_token
        first = self._figures.of_transfer(token, holds_token=holds_token)
        if destination is not None and not destination.activated:
            first += self._figures.new_account
        return TransferNeed(
            first=first,
            next=min(first, self._figures.of_transfer(token, holds_token=True)),
            simulated=False,
            destination=destination,
            obstacle=obstacle,
        )

    # ── fees ─────────────────────────────────────────────────────────────────────────────────

    async def _read_fees(self) -> _Fees:
        now = time.monotonic()
        if self._fees is None or now - self._fees[0] > _FEE_CACHE_SECONDS:
            try:
                parameters = await self._node.chain_parameters()
            except ChainError as error:
                log.warning("the price of energy could not be read: %s", error)
                figures = _Fees(self._figures.fee_sun, self._figures.byte_sun)
                fees = self._fees[1] if self._fees else figures
                # Not everybody who greets the bot has to wait for a node that is away.
                self._fees = (now - _FEE_CACHE_SECONDS + _FEE_RETRY_SECONDS, fees)
            else:
                fees = _Fees(parameters.energy_fee_sun, parameters.bandwidth_fee_sun)
                self._fees = (now, fees)
        return self._fees[1]


def _bandwidth_transfers(resources: Resources) -> int:
    """How many transfers burn nothing for bandwidth; each is paid whole out of one of the pools."""
    pools: Iterable[tuple[int, int]] = (
        (resources.staked_bandwidth_limit, resources.staked_bandwidth_used),
        (resources.free_bandwidth_limit, resources.free_bandwidth_used),
    )
    return sum(max(0, limit - used) // TRANSFER_BANDWIDTH for limit, used in pools)


def _too_few(held: int | None, wanted: int) -> bool:
    return held is not None and held < wanted


def _stranger(sender: Address) -> Address:
    """An address that nobody has a key to, and so nothing of any token."""
    return address_from_bytes(b"\x41" + sha256(f"nobody but {sender}".encode()).digest()[:20])


async def _or_none(answer: Awaitable[T], what: str) -> T | None:
    """What the chain answers; None, and a line in the log, if it cannot."""
    try:
        return await answer
    except ChainError as error:
        log.warning("%s could not be read: %s", what, error)
        return None
