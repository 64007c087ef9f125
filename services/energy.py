"""How much energy a customer's USDT transfer needs, and what it would burn.

The specification's EnergyCalculationService. The chain's own simulation of the very
transfer comes first; where it cannot be had, the configured figures, and the quote says so.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from chain.addresses import Address
from chain.errors import ChainError
from chain.node import NodeClient

# USDT's unit; the energy of a transfer does not depend on the amount.
_ONE_TOKEN_MICRO = 1_000_000
_FEE_CACHE_SECONDS = 600.0
_FEE_RETRY_SECONDS = 30.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EnergyFigures:
    """Configured energy of one transfer, and the network's price, for when the chain is silent.

    `holder` and `non_holder` are energy without margin; `fee_sun` is sun per energy.
    """

    holder: int
    non_holder: int
    fee_sun: int


@dataclass(frozen=True, slots=True)
class RecipientFacts:
    """What the chain says about the address that will send the USDT.

    `token_micro` is its USDT in millionths.
    """

    address: Address
    energy_free: int
    token_micro: int
    bandwidth_free: int


@dataclass(frozen=True, slots=True)
class TransferEnergy:
    """Energy of one transfer, without margin; `simulated` by the chain, or a configured figure."""

    energy: int
    simulated: bool


class RecipientUnusable(Exception):
    """Energy cannot be delegated to this address."""


class NotActivated(RecipientUnusable):
    """java-tron's DelegateResourceActuator: the receiver account must exist."""


class IsContract(RecipientUnusable):
    """java-tron's DelegateResourceActuator: no delegation to contract addresses."""


class EnergyNeeds:
    """Asks the chain what transfers cost."""

    def __init__(self, node: NodeClient, token: Address, figures: EnergyFigures) -> None:
        self._node = node
        self._token = token
        self._figures = figures
        self._fee: tuple[float, int] | None = None

    @property
    def figures(self) -> EnergyFigures:
        return self._figures

    async def recipient(self, address: Address) -> RecipientFacts:
        """What the chain says about a future receiver of energy.

        Raises:
            NotActivated, IsContract: nothing can be delegated to it.
            ChainError: no node could answer.
        """
        account = await self._node.account(address)
        if account is None:
            raise NotActivated(address)
        if account.is_contract:
            raise IsContract(address)
        resources = await self._node.resources(address)
        if resources is None:
            raise NotActivated(address)
        return RecipientFacts(
            address=address,
            energy_free=resources.energy_left,
            token_micro=await self._node.token_balance(self._token, address),
            bandwidth_free=max(
                resources.free_bandwidth_limit - resources.free_bandwidth_used,
                resources.staked_bandwidth_limit - resources.staked_bandwidth_used,
            ),
        )

    async def of_transfer(
        self, sender: Address, destination: Address | None, *, destination_holds_token: bool
    ) -> TransferEnergy:
        """Energy of one USDT transfer, without margin.

        With a destination the transfer itself is simulated; if the sender has no USDT yet
        the simulation reverts, and the destination's balance decides which figure counts.
        Without one, `destination_holds_token` decides.
        """
        if destination is None:
            return self._figure(destination_holds_token)
        try:
            call = await self._node.transfer_energy(
                self._token, sender, destination, _ONE_TOKEN_MICRO
            )
            if not call.reverted:
                return TransferEnergy(call.energy_used, simulated=True)
            return self._figure(await self._node.token_balance(self._token, destination) > 0)
        except ChainError as error:
            log.warning("a transfer could not be simulated: %s", error)
            return self._figure(holds_token=False)

    async def fee_sun(self) -> int:
        """What the network burns per energy, in sun; the configured figure if it is silent."""
        now = time.monotonic()
        if self._fee is None or now - self._fee[0] > _FEE_CACHE_SECONDS:
            try:
                fee_sun = (await self._node.chain_parameters()).energy_fee_sun
            except ChainError as error:
                log.warning("the price of energy could not be read: %s", error)
                fee_sun = self._fee[1] if self._fee else self._figures.fee_sun
                # Not everybody who greets the bot has to wait for a node that is away.
                self._fee = (now - _FEE_CACHE_SECONDS + _FEE_RETRY_SECONDS, fee_sun)
            else:
                self._fee = (now, fee_sun)
        return self._fee[1]

    def _figure(self, holds_token: bool) -> TransferEnergy:
        energy = self._figures.holder if holds_token else self._figures.non_holder
        return TransferEnergy(energy, simulated=False)
