// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IEpochSettlement} from "./IEpochSettlement.sol";
import {INodeStaking} from "./INodeStaking.sol";
import {IProtocolParameters} from "./IProtocolParameters.sol";

interface ISlasherTypes {
    /// @notice Two payloads signed for one (kind, epoch, slot).
    struct Evidence {
        /// 1 header, 2 vote, 3 attestation, 4 settlement
        uint8 kind;
        uint64 epoch;
        /// round, (round, author), block index or 0, as the kind says
        uint256 slot;
        bytes32 payloadA;
        /// keys that signed payloadA, each nodeId * 2^32 + keyVersion, strictly ascending
        uint64[] signersA;
        bytes32 payloadB;
        uint64[] signersB;
        /// EIP-2537 G2: sum of the signatures of all signersA over payloadA and of all signersB over payloadB
        bytes signature;
    }

    enum ListState {
        /// neither released nor voided; perhaps applied in part
        Open,
        /// may exceed the cap
        Released,
        Voided,
        /// every entry was slashed
        Applied
    }
}

interface ISlasherErrors {
    /// @notice Kinds are 1 to 4.
    error UnknownKind(uint8 kind);
    /// @notice No honest node signs for an epoch after `latest` yet, or did before the next restart.
    error EpochTooLate(uint64 epoch, uint64 latest);
    /// @notice `age` epochs passed since `epoch`, evidence counts for `maxAge`.
    error EpochTooOld(uint64 epoch, uint256 age, uint256 maxAge);
    /// @notice No committee of `epoch` could name this key: it was registered later, or replaced before.
    error KeyNotInForce(uint32 nodeId, uint32 keyVersion, uint64 epoch);
    /// @notice The same payload twice is no equivocation.
    error SamePayload(bytes32 payload);
    /// @notice Keys must be strictly ascending.
    error SignersNotAscending(uint64 previous, uint64 keyId);
    /// @notice The signature is not the sum of those of the named keys over their messages.
    error InvalidSignature();
    /// @notice Nobody signed both payloads.
    error NoCommonSigner();
    /// @notice The equivocators were slashed for this epoch before; `nodeId` is one of them.
    error AlreadySlashed(uint32 nodeId, uint64 epoch);
    /// @notice `nodeId` equivocated and has no stake, nor has any other equivocator that was not slashed for this epoch before.
    error NothingToSlash(uint32 nodeId);
    /// @notice The reward cannot go to the zero address.
    error ZeroReporter();
    /// @notice No active settlement of `epoch` carries a slash list.
    error UnknownSlashList(uint64 epoch);
    /// @notice The list is not the one that the settlement names.
    error WrongSlashList(bytes32 listHash, bytes32 expected);
    /// @notice A list is entries of 20 bytes, strictly ascending by node.
    error MalformedSlashList();
    /// @notice The list takes `sum` wei, at most `cap` are allowed without governance.
    error SlashListAboveCap(uint256 sum, uint256 cap);
    /// @notice The list was applied, voided or released before.
    error SlashListClosed(uint64 epoch, ISlasherTypes.ListState state);
}

interface ISlasherEvents {
    /// @notice `nodeId` signed two payloads for (`kind`, `epoch`, `slot`). The staking contract logged before what it lost.
    event EquivocationSlashed(uint32 indexed nodeId, uint64 indexed epoch, uint8 kind, uint256 slot);
    /// @notice Entries of the list up to `applied` (exclusive) are slashed, `entries` in all; this call took `amount` wei.
    event SlashListApplied(uint64 indexed epoch, uint256 applied, uint256 entries, uint256 amount);
    /// @notice Governance lets a list exceed the cap.
    event SlashListReleased(uint64 indexed epoch);
    /// @notice Governance refused what is left of a list.
    event SlashListVoided(uint64 indexed epoch);
}

/// @title Slashing: proofs of equivocation by anyone, and certified lists
/// @notice A node that signs two payloads for one (kind, epoch, slot) loses `equivocationSlashBps` of its stake, thawing and locked
/// stake included, once per epoch, ever; the reporter gets `reporterRewardBps` (at most half) of what is lost, the rest is burned: so
/// nobody gains by slashing itself. Evidence counts for as many epochs as the evidence window takes in, which stake outlives because it
/// thaws longer, and up to one epoch after that which is posted next. A key counts for the epochs whose committees could name it: from
/// its first one to one after the first one of the key that replaced it, and after a restart for the committee that it seats.
/// @dev Warning: evidence shows in the mempool, and whoever posts it first names the reporter. Assumes that keys in {INodeStaking}
/// had their possession proven, so that a signature of a sum of keys is one of each. Warning: signatures have no date. Whoever holds a key,
/// the operator included, can sign pairs for every epoch that counts, have its node lose a share of what is left for each, and take the
/// rewards. Warning: a key that is replaced while nothing is posted, and acts in committees of later epochs than one after the first of its
/// successor, does not answer for those.
interface ISlasher is ISlasherErrors, ISlasherTypes, ISlasherEvents {
    /// @notice Slashes every node whose key signed both payloads and that was not slashed for this epoch before. Anyone.
    /// @return slashed wei lost in all
    function slashEquivocation(Evidence calldata evidence, address reporter) external returns (uint256 slashed);

    /// @notice Applies the slash list of an active settlement, 50 entries at a time: call again with the same list until it is applied. Anyone.
    /// Nobody is rewarded; what a node no longer has is not taken.
    /// @param list entries of 20 bytes (uint32 nodeId, uint128 wei, big-endian), strictly ascending by node
    /// @return slashed wei lost in this call
    function slashListed(uint64 epoch, bytes calldata list) external returns (uint256 slashed);

    /// @notice Lets the list of `epoch` exceed the cap `maxSlashPerEpoch`. Only governance.
    function releaseSlashList(uint64 epoch) external;

    /// @notice Refuses the list of `epoch`, for ever. Only governance.
    function voidSlashList(uint64 epoch) external;

    /// @notice True once `nodeId` was slashed for an equivocation in `epoch`.
    function isSlashed(uint32 nodeId, uint64 epoch) external view returns (bool);

    /// @notice How far the list of `epoch` is. `applied`: entries slashed.
    function slashList(uint64 epoch) external view returns (ListState state, uint32 applied);

    /// @notice The 32 bytes that keys sign for a payload.
    function consensusMessage(uint8 kind, uint64 epoch, uint256 slot, bytes32 payload) external view returns (bytes32);

    /// @notice The registry of keys and stake.
    function staking() external view returns (INodeStaking);

    /// @notice Where shares and the cap are read.
    function parameters() external view returns (IProtocolParameters);

    /// @notice Where slash lists are certified.
    function settlement() external view returns (IEpochSettlement);
}
