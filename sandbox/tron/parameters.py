"""The network's parameters: fees, limits and switches, as `getchainparameters` lists them.

The values are those of the main network where they matter to a client (energy at 100 sun since
proposal 104, memo fee 1 TRX, locks of at most 30 days), and else those a java-tron 4.8.0 node shows
with the same proposals switched on.
"""

from __future__ import annotations

from dataclasses import dataclass

TRX = 1_000_000
SLOT_MS = 3_000
DAY_MS = 24 * 3_600 * 1_000
MAX_TRANSACTION_BYTES = 500 * 1_024
MAX_EXPIRATION_MS = DAY_MS
NODE_EXPIRATION_MS = 60_000
MAX_SIGNATURES = 5
MAX_ACTIVE_PERMISSIONS = 8
MAX_UNFREEZING = 32
DEFAULT_LOCK_BLOCKS = 86_400


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the rules below read; fees and prices in sun."""

    transaction_fee: int = 1_000
    energy_fee: int = 100
    create_account_fee: int = 100_000
    create_account_fee_in_system_contract: int = 1 * TRX
    memo_fee: int = 1 * TRX
    multi_sign_fee: int = 1 * TRX
    update_permission_fee: int = 100 * TRX
    max_fee_limit: int = 15_000 * TRX
    free_net_limit: int = 600
    total_net_limit: int = 43_200_000_000
    total_energy_limit: int = 180_000_000_000
    unfreeze_delay_days: int = 14
    max_delegate_lock_period: int = 864_000
    max_create_account_transaction_size: int = 1_000

    def listed(self) -> list[dict[str, object]]:
        """java-tron's list; it leaves the value out where it is zero."""
        own = {
            "getTransactionFee": self.transaction_fee,
            "getEnergyFee": self.energy_fee,
            "getCreateAccountFee": self.create_account_fee,
            "getCreateNewAccountFeeInSystemContract": self.create_account_fee_in_system_contract,
            "getMemoFee": self.memo_fee,
            "getMultiSignFee": self.multi_sign_fee,
            "getUpdateAccountPermissionFee": self.update_permission_fee,
            "getMaxFeeLimit": self.max_fee_limit,
            "getFreeNetLimit": self.free_net_limit,
            "getTotalNetLimit": self.total_net_limit,
            "getTotalEnergyLimit": self.total_energy_limit,
            "getTotalEnergyCurrentLimit": self.total_energy_limit,
            "getUnfreezeDelayDays": self.unfreeze_delay_days,
            "getMaxDelegateLockPeriod": self.max_delegate_lock_period,
            "getMaxCreateAccountTxSize": self.max_create_account_transaction_size,
        }
        return [
            {"key": key, "value": value} if value else {"key": key}
            for key, value in ((key, own.get(key, value)) for key, value in _LISTED)
        ]


_LISTED: tuple[tuple[str, int], ...] = (
    ("getMaintenanceTimeInterval", 21_600_000),
    ("getAccountUpgradeCost", 9_999_000_000),
    ("getCreateAccountFee", 0),
    ("getTransactionFee", 0),
    ("getAssetIssueFee", 1_024_000_000),
    ("getWitnessPayPerBlock", 32_000_000),
    ("getWitnessStandbyAllowance", 115_200_000_000),
    ("getCreateNewAccountFeeInSystemContract", 0),
    ("getCreateNewAccountBandwidthRate", 1),
    ("getAllowCreationOfContracts", 1),
    ("getRemoveThePowerOfTheGr", 0),
    ("getEnergyFee", 0),
    ("getExchangeCreateFee", 1_024_000_000),
    ("getMaxCpuTimeOfOneTx", 80),
    ("getAllowUpdateAccountName", 0),
    ("getAllowSameTokenName", 1),
    ("getAllowDelegateResource", 1),
    ("getTotalEnergyLimit", 0),
    ("getAllowTvmTransferTrc10", 1),
    ("getTotalEnergyCurrentLimit", 0),
    ("getAllowMultiSign", 1),
    ("getAllowAdaptiveEnergy", 0),
    ("getTotalEnergyTargetLimit", 12_500_000),
    ("getTotalEnergyAverageUsage", 0),
    ("getUpdateAccountPermissionFee", 0),
    ("getMultiSignFee", 0),
    ("getAllowAccountStateRoot", 0),
    ("getAllowProtoFilterNum", 0),
    ("getAllowTvmConstantinople", 1),
    ("getAllowTvmSolidity059", 1),
    ("getAllowTvmIstanbul", 1),
    ("getAllowShieldedTRC20Transaction", 1),
    ("getForbidTransferToContract", 0),
    ("getAdaptiveResourceLimitTargetRatio", 10),
    ("getAdaptiveResourceLimitMultiplier", 1_000),
    ("getChangeDelegation", 1),
    ("getWitness127PayPerBlock", 16_000_000),
    ("getAllowMarketTransaction", 1),
    ("getMarketSellFee", 0),
    ("getMarketCancelFee", 0),
    ("getAllowPBFT", 0),
    ("getAllowTransactionFeePool", 0),
    ("getMaxFeeLimit", 0),
    ("getAllowOptimizeBlackHole", 1),
    ("getAllowNewResourceModel", 0),
    ("getAllowTvmFreeze", 1),
    ("getAllowTvmVote", 1),
    ("getAllowTvmLondon", 1),
    ("getAllowTvmCompatibleEvm", 1),
    ("getAllowAccountAssetOptimization", 1),
    ("getFreeNetLimit", 0),
    ("getTotalNetLimit", 0),
    ("getAllowHigherLimitForMaxCpuTimeOfOneTx", 1),
    ("getAllowAssetOptimization", 1),
    ("getAllowNewReward", 1),
    ("getMemoFee", 0),
    ("getAllowDelegateOptimization", 1),
    ("getUnfreezeDelayDays", 0),
    ("getAllowOptimizedReturnValueOfChainId", 1),
    ("getAllowDynamicEnergy", 1),
    ("getDynamicEnergyThreshold", 5_000_000_000),
    ("getDynamicEnergyIncreaseFactor", 2_000),
    ("getDynamicEnergyMaxFactor", 34_000),
    ("getAllowTvmShangHai", 1),
    ("getAllowCancelAllUnfreezeV2", 1),
    ("getMaxDelegateLockPeriod", 0),
    ("getAllowOldRewardOpt", 1),
    ("getAllowEnergyAdjustment", 1),
    ("getMaxCreateAccountTxSize", 0),
    ("getAllowStrictMath", 1),
    ("getConsensusLogicOptimization", 1),
    ("getAllowTvmCancun", 1),
    ("getAllowTvmBlob", 1),
)
