import type { BitArray } from "@chainsafe/ssz";
import { blsVerifyAggregate } from "#protocol/crypto/bls.ts";
import { attestationMessage, settlementMessage } from "#protocol/digests/consensus.ts";
import type { NetworkContext } from "#protocol/digests/network.ts";
import { committeeHash, settlementDigest } from "#protocol/digests/settlement.ts";
import { FlkError } from "#protocol/errors/error.ts";
import { sszRoot } from "#protocol/ssz/root.ts";
import { Block, type CertifiedBlock } from "#protocol/types/block.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { type Committee, quorumPower } from "#protocol/types/committee.ts";
import type { SettlementCertificate } from "#protocol/types/settlement.ts";
import type { IndexerErrorCode } from "../errors.ts";

/** True when `signature` is one by members of `committee` with at least quorum power over `message`. */
function signedByQuorum(
  committee: Committee,
  signers: BitArray,
  signature: Uint8Array,
  message: Uint8Array,
): boolean {
  if (signers.bitLen !== committee.members.length) return false;
  const signing = committee.members.filter((_, i) => signers.get(i));
  const power = signing.reduce((sum, member) => sum + member.power, 0);
  if (power < quorumPower(committee)) return false;
  return blsVerifyAggregate(
    signing.map((member) => member.consensusKey),
    message,
    signature,
  );
}

/** What the next block must follow. */
export interface Position {
  epoch: number;
  index: number;
  /** blockRoot before it, or the opening digest of the epoch at index 0 */
  previous: Uint8Array;
}

/**
 * Checks that `certified` is the next block at `position` and that 2f+1 of `committee` attested to exactly its content.
 * Returns its blockRoot.
 * @throws ERR_BLOCK_LINK, ERR_COMMIT_CERTIFICATE
 */
export function assertCertifiedBlock(
  network: NetworkContext,
  committee: Committee,
  position: Position,
  { block, certificate }: CertifiedBlock,
): Uint8Array {
  const { data } = certificate;
  const where = { epoch: position.epoch, index: position.index };
  const refuse = (code: IndexerErrorCode, message: string): FlkError => new FlkError(code, message, where);
  if (block.input.epoch !== position.epoch || block.input.index !== position.index) {
    throw refuse("ERR_BLOCK_LINK", "the node served another block than the next one");
  }
  if (!equalBytes(block.previous, position.previous)) {
    throw refuse("ERR_BLOCK_LINK", "the block does not follow the one before it");
  }
  const root = sszRoot(Block, block);
  const attested =
    data.epoch === position.epoch &&
    data.index === position.index &&
    equalBytes(data.previous, block.previous) &&
    equalBytes(data.blockRoot, root) &&
    equalBytes(data.stateRoot, block.stateRoot);
  if (!attested) throw refuse("ERR_COMMIT_CERTIFICATE", "the certificate is of another block");
  const message = attestationMessage(network.networkId, data);
  if (!signedByQuorum(committee, certificate.signers, certificate.signature, message)) {
    throw refuse("ERR_COMMIT_CERTIFICATE", "the committee did not sign this block");
  }
  return root;
}

/**
 * Checks a settlement certificate of the epoch that `opening` opened, signed by `committee`. The keys inside
 * `certificate.nextCommittee` are not covered by anything signed: take them from the L2. Returns the digest.
 * @throws ERR_SETTLEMENT_CERTIFICATE
 */
export function assertSettlementCertificate(
  network: NetworkContext,
  committee: Committee,
  opening: Uint8Array,
  certificate: SettlementCertificate,
): Uint8Array {
  const { settlement } = certificate;
  const refuse = (message: string): FlkError =>
    new FlkError("ERR_SETTLEMENT_CERTIFICATE", message, { epoch: committee.epoch });
  if (settlement.epoch !== committee.epoch) throw refuse("the certificate is of another epoch");
  if (!equalBytes(settlement.previous, opening)) throw refuse("the certificate follows another settlement");
  const digest = settlementDigest(settlement);
  const message = settlementMessage(network.networkId, settlement.epoch, digest);
  if (!signedByQuorum(committee, certificate.signers, certificate.signature, message)) {
    throw refuse("the committee did not sign this settlement");
  }
  return digest;
}

/** @throws ERR_SETTLEMENT_CERTIFICATE unless `next` is the committee that `certificate` names. */
export function assertNextCommittee(certificate: SettlementCertificate, next: Committee): void {
  const { settlement } = certificate;
  if (next.epoch !== settlement.epoch + 1 || !equalBytes(committeeHash(next), settlement.nextCommitteeHash)) {
    throw new FlkError("ERR_SETTLEMENT_CERTIFICATE", "the next committee is not the one that was settled", {
      epoch: settlement.epoch,
    });
  }
}
