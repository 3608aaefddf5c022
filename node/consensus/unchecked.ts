import type { SignatureSet } from "#node/interface/crypto.ts";
import { headerDigest } from "#protocol/digests/consensus.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import { certificateSignature, checkNotCollected } from "./certificates.ts";
import type { Dag } from "./dag.ts";
import { checkHeaderForm, checkSender, type EpochRules, headerSignatures } from "./header.ts";
import type { Inbox } from "./inbox.ts";
import type { Suspended } from "./suspended.ts";
import { checkAge, type VoteBook } from "./votes.ts";
import type { PeerMessage } from "./wire.ts";

/** What decides whether the signatures of a message are checked at all. */
interface Known {
  dag: Dag;
  suspended: Suspended;
  votes: VoteBook;
  inbox: Inbox;
  /** of a header or certificate that is known here */
  newestRound: number;
}

/**
 * The signatures that a message's event would check now, so that those of several can be checked together: none of what is known already,
 * and none of votes, which are checked when they are a quorum. Changes nothing.
 * @throws ERR_EPOCH_FOREIGN, ERR_MESSAGE_SENDER, ERR_HEADER_*, ERR_VOTE_EQUIVOCATION, ERR_VOTE_LOWER_ROUND, ERR_CERTIFICATE_TOO_OLD, ERR_CERTIFICATE_SIGNERS,
 * ERR_CERTIFICATE_POWER
 */
export function uncheckedSignatures(
  rules: EpochRules,
  known: Known,
  from: number,
  message: PeerMessage,
): SignatureSet[] {
  if (message.type === "vote") return [];
  const signed = message.type === "header" ? message.signed : message.certificate.header;
  const { header } = signed;
  if (message.type === "header") checkSender(from, header);
  checkHeaderForm(rules, header);
  const digest = headerDigest(rules.networkId, header);
  const id = bytesKey(digest);
  if (message.type === "certificate") {
    const { dag, suspended } = known;
    checkNotCollected(header, dag.gcRound);
    if (dag.get(id) || suspended.has(id)) return [];
    return [certificateSignature(rules, message.certificate, digest)];
  }
  if (known.votes.given(header, digest)) return [];
  checkAge(header, known.newestRound, known.dag.gcRound);
  const waiting = known.inbox.get(header.author);
  return waiting && bytesKey(waiting.digest) === id ? [] : headerSignatures(rules, signed, digest);
}
