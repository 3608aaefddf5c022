import type { ConsensusTiming } from "#node/interface/consensus.ts";
import type { ConsensusSigner, SignatureSet } from "#node/interface/crypto.ts";
import { headerDigest, voteMessage } from "#protocol/digests/consensus.ts";
import { errorCode, isFlkError } from "#protocol/errors/error.ts";
import { bytesKey } from "#protocol/types/bytes-key.ts";
import {
  type BatchRef,
  type Certificate,
  type Header,
  SignedHeader,
  Vote,
} from "#protocol/types/consensus.ts";
import { Bullshark } from "./bullshark.ts";
import { checkCertificate, checkNotCollected } from "./certificates.ts";
import { Dag, type Vertex, vertexOf } from "./dag.ts";
import type { Effect } from "./effects.ts";
import { consensusError } from "./errors.ts";
import { checkHeaderForm, checkHeaderSignatures, checkSender, type EpochRules } from "./header.ts";
import { headerReady, Inbox, type PendingHeader } from "./inbox.ts";
import { makeHeader } from "./make-header.ts";
import type { Moment } from "./moment.ts";
import { OwnHeader } from "./own-header.ts";
import { OwnPayload } from "./own-payload.ts";
import { assertTiming, type PrimaryOptions, type Recovered } from "./primary-options.ts";
import { advances, parentRound, proposalDue, stallDelayMs } from "./proposer.ts";
import { certificateWrite, proposalWrites, voteWrites } from "./records.ts";
import { Suspended } from "./suspended.ts";
import { uncheckedSignatures } from "./unchecked.ts";
import { checkAge, HEADER_AGE_LIMIT, VoteBook } from "./votes.ts";
import { certificateMessage, type PeerMessage, TAG } from "./wire.ts";

/**
 * Narwhal's primary and Bullshark of one epoch as a state machine: events with the time in, effects out. It does no
 * I/O; its state runs ahead of the disk, and the order of the effects keeps what leaves the process behind the disk.
 * Methods that take a peer's message throw an FlkError when it is refused.
 */
export class Primary {
  #rules: EpochRules;
  #self: number;
  /** all other members */
  #others: readonly number[];
  #signer: ConsensusSigner;
  #timing: ConsensusTiming;
  #hasBatch: (ref: BatchRef) => boolean;
  #recovered: Recovered;
  #dag: Dag;
  #bullshark: Bullshark;
  #suspended: Suspended;
  #votes: VoteBook;
  #payload: OwnPayload;
  #inbox = new Inbox();
  #own: OwnHeader | undefined;
  /** round of the newest own header */
  #lastRound = 0;
  /** of `elapsed`, as all that is waited for */
  #lastAt = 0;
  #due = Number.POSITIVE_INFINITY;
  #stallAt = Number.POSITIVE_INFINITY;
  /** highest round with a payload */
  #payloadRound = 0;
  #accepted = 0;
  #now: Moment = { elapsed: 0, unix: 0 };
  /** latest time of day so far, Unix ms */
  #latest = 0;
  #out: Effect[] = [];

  constructor(options: PrimaryOptions) {
    const { rules, recovered, timing } = options;
    assertTiming(timing);
    this.#rules = rules;
    this.#self = options.self;
    this.#others = rules.committee.nodeIds.filter((nodeId) => nodeId !== options.self);
    this.#signer = options.signer;
    this.#timing = timing;
    this.#hasBatch = options.hasBatch;
    this.#recovered = recovered;
    this.#dag = new Dag(new Set(rules.genesis.keys()));
    this.#bullshark = new Bullshark(rules.committee, this.#dag, timing.gcDepth, recovered.cursor);
    this.#dag.collect(this.#bullshark.gcRound);
    this.#suspended = new Suspended(4 * timing.gcDepth * rules.committee.size);
    this.#votes = new VoteBook(recovered.votes);
    this.#payload = new OwnPayload(options.self, options.sources, recovered.reported);
  }

  get dag(): Dag {
    return this.#dag;
  }

  get round(): number {
    return this.#lastRound;
  }

  get lastCommittedRound(): number {
    return this.#bullshark.cursor.lastCommittedRound;
  }

  get suspended(): number {
    return this.#suspended.size;
  }

  /** Whether certificates are known to be missing: those that suspended ones or headers name as parents. */
  get lacksParents(): boolean {
    return this.suspended > 0 || this.#inbox.lacksParents;
  }

  /** certificates that came into the DAG since the start */
  get acceptedCount(): number {
    return this.#accepted;
  }

  /** Certificates that wait for parents: nobody need send them again. */
  waiting(): Vertex[] {
    return this.#suspended.vertices();
  }

  /** Id of the author's header that waits for our vote. */
  pendingHeader(author: number): string | undefined {
    const pending = this.#inbox.get(author);
    return pending && bytesKey(pending.digest);
  }

  /** Signatures that the event of a header or certificate would check now; none of votes. Changes nothing. @throws as the event does before it checks them */
  unchecked(from: number, message: PeerMessage): SignatureSet[] {
    const known = { dag: this.#dag, suspended: this.#suspended, votes: this.#votes, inbox: this.#inbox };
    return uncheckedSignatures(this.#rules, { ...known, newestRound: this.#newestRound() }, from, message);
  }

  /** `elapsed` at which `tick` has something to do */
  deadline(): number {
    return Math.min(
      this.#due,
      this.#stallAt,
      this.#own?.retryAt ?? this.#stallAt,
      this.#inbox.deadline(this.#now.elapsed),
    );
  }

  /** NAR-RECOVER: rebuilds the DAG, commits again what the cursor does not cover, and sends the recorded header again as it was. */
  start(now: Moment): Effect[] {
    return this.#step(now, () => {
      for (const certificate of this.#recovered.certificates) {
        const vertex = vertexOf(this.#rules.networkId, certificate);
        if (vertex.author === this.#self) this.#lastRound = Math.max(this.#lastRound, vertex.round);
        this.#admit(vertex, undefined, false);
      }
      this.#recoverOwn();
      this.#lastAt = now.elapsed;
      this.#stallAt = now.elapsed + stallDelayMs(this.#timing);
      this.#out.push({ type: "needCertificates", from: undefined });
    });
  }

  /** @throws ERR_EPOCH_FOREIGN, ERR_MESSAGE_SENDER, ERR_HEADER_*, ERR_VOTE_EQUIVOCATION, ERR_VOTE_LOWER_ROUND */
  header(from: number, signed: SignedHeader, now: Moment): Effect[] {
    return this.#step(now, () => {
      const { header } = signed;
      checkSender(from, header);
      checkHeaderForm(this.#rules, header);
      const digest = headerDigest(this.#rules.networkId, header);
      const given = this.#votes.given(header, digest);
      if (given) return this.#sendVote(given.author, Vote.serialize(given));
      checkAge(header, this.#newestRound(), this.#dag.gcRound);
      if (this.#inbox.askAgain(from, digest)) return;
      checkHeaderSignatures(this.#rules, signed, digest);
      this.#consider(this.#inbox.put(signed, digest), true);
    });
  }

  /** @throws ERR_EPOCH_FOREIGN, ERR_MESSAGE_SENDER, ERR_VOTE_* */
  vote(from: number, vote: Vote, now: Moment): Effect[] {
    return this.#step(now, () => {
      if (vote.epoch !== this.#rules.committee.epoch) {
        throw consensusError("ERR_EPOCH_FOREIGN", "a vote of another epoch", { epoch: vote.epoch });
      }
      if (vote.voter !== from) throw consensusError("ERR_MESSAGE_SENDER", "a vote of someone else", { from });
      // a late vote for a header that is certified or given up
      if (!this.#own || vote.round < this.#own.round || this.#own.votes.has(from)) return;
      this.#count(vote);
    });
  }

  /** @throws ERR_EPOCH_FOREIGN, ERR_HEADER_*, ERR_CERTIFICATE_*, ERR_SUSPENDED_FULL */
  certificate(from: number, certificate: Certificate, now: Moment): Effect[] {
    return this.#step(now, () => {
      const { header } = certificate.header;
      checkHeaderForm(this.#rules, header);
      checkNotCollected(header, this.#dag.gcRound);
      const vertex = vertexOf(this.#rules.networkId, certificate);
      if (this.#dag.get(vertex.id) || this.#suspended.has(vertex.id)) return;
      checkCertificate(this.#rules, certificate, vertex.digest);
      this.#admit(vertex, from, true);
    });
  }

  /** An own batch that a quorum stores: it may go into a header. */
  ownBatch(ref: BatchRef, now: Moment): Effect[] {
    return this.#step(now, () => this.#payload.add(ref));
  }

  /** Some batch was stored, or time has come. */
  tick(now: Moment): Effect[] {
    return this.#step(now, () => {});
  }

  /** A peer can be reached again: it may have missed our newest message. */
  connected(peer: number, now: Moment): Effect[] {
    return this.#step(now, () => {
      if (!this.#rules.committee.has(peer)) return;
      if (this.#own && !this.#own.votes.has(peer)) {
        this.#out.push({ type: "send", to: [peer], message: this.#own.message });
      } else this.#sendNewest([peer]);
    });
  }

  /** EPO-AFTER: the epoch's last block is known: headers carry nothing any more, and go on for those who lag. */
  close(): void {
    this.#payload.close();
  }

  #step(now: Moment, act: () => void): Effect[] {
    this.#now = now;
    this.#latest = Math.max(this.#latest, now.unix);
    this.#out = [];
    act();
    for (const pending of this.#inbox.all()) this.#consider(pending, false);
    this.#proposeWhenDue();
    this.#retry();
    return this.#out;
  }

  #newestRound(): number {
    return Math.max(this.#lastRound, this.#dag.highestRound);
  }

  #recoverOwn(): void {
    const { proposal, cursor } = this.#recovered;
    const ordered = cursor.lastCommitted.get(this.#self) ?? 0;
    for (let round = Math.max(ordered, this.#dag.gcRound) + 1; round <= this.#lastRound; round++) {
      const vertex = this.#dag.at(round, this.#self);
      const passed = this.#bullshark.cursor.lastCommitted.get(this.#self) ?? 0;
      if (vertex && round > passed) this.#payload.recover(vertex.certificate.header.header);
    }
    if (!proposal) return;
    const { header } = proposal;
    this.#lastRound = Math.max(this.#lastRound, header.round);
    if (header.round <= this.#dag.gcRound || this.#dag.at(header.round, this.#self)) return;
    this.#payload.recover(header);
    const digest = headerDigest(this.#rules.networkId, header);
    this.#sendOwn(proposal, digest, SignedHeader.serialize(proposal));
  }

  /** Votes for a pending header as soon as every rule holds. `direct`: a refusal is the caller's. */
  #consider(pending: PendingHeader, direct: boolean): void {
    const { header } = pending.signed;
    try {
      checkAge(header, this.#newestRound(), this.#dag.gcRound);
      const now = { elapsed: this.#now.elapsed, unix: this.#latest };
      const ready = headerReady(pending, this.#dag, this.#rules.committee, this.#hasBatch, now);
      this.#out.push(...ready.needs);
      if (!ready.ready) return;
      this.#inbox.delete(header.author);
      if (!this.#votes.given(header, pending.digest)) this.#giveVote(header, pending.digest);
    } catch (error) {
      this.#inbox.delete(header.author);
      if (direct || !isFlkError(error)) throw error;
      this.#out.push({ type: "refused", code: errorCode(error), from: header.author });
    }
  }

  #giveVote(header: Header, digest: Uint8Array): Vote {
    const { epoch, round, author } = header;
    const signature = this.#signer.sign(voteMessage(this.#rules.networkId, { epoch, round, author, digest }));
    const vote = { epoch, round, author, digest, voter: this.#self, signature };
    const bytes = Vote.serialize(vote);
    this.#out.push({ type: "persist", writes: voteWrites(vote, bytes, this.#votes.last(author)) });
    this.#votes.record(vote);
    if (header.payload.length > 0) this.#payloadRound = Math.max(this.#payloadRound, round);
    if (author !== this.#self) this.#sendVote(author, bytes);
    return vote;
  }

  #sendVote(author: number, bytes: Uint8Array): void {
    this.#out.push({ type: "send", to: [author], message: { tag: TAG.vote, bytes } });
  }

  #count(vote: Vote): void {
    const { certificate, bad } = this.#own?.votes.add(vote) ?? { bad: [] };
    for (const from of bad) this.#out.push({ type: "refused", code: "ERR_VOTE_SIGNATURE", from });
    if (!certificate) return;
    // its votes were checked one by one or together: it needs no further check
    this.#admit(vertexOf(this.#rules.networkId, certificate), undefined, true);
    this.#out.push({ type: "send", to: this.#others, message: certificateMessage(certificate) });
  }

  /** A verified certificate: into the DAG with everything that waited for it, or to those that wait. */
  #admit(vertex: Vertex, from: number | undefined, isNew: boolean): void {
    const missing = this.#dag.missingParents(vertex.round, vertex.parents);
    if (missing.length > 0) {
      this.#suspended.add(vertex, missing);
      this.#out.push({ type: "needCertificates", from });
      return;
    }
    const queue = [vertex];
    for (let next = queue.shift(); next; next = queue.shift()) {
      if (next.round > this.#dag.gcRound) queue.push(...this.#insert(next, isNew));
    }
  }

  /** Returns those that waited for this one. */
  #insert(vertex: Vertex, isNew: boolean): Vertex[] {
    try {
      if (!this.#dag.insert(vertex)) return [];
    } catch (error) {
      if (!isFlkError(error)) throw error;
      this.#out.push({ type: "refused", code: error.code, from: vertex.author });
      return [];
    }
    if (isNew) this.#out.push({ type: "persist", writes: [certificateWrite(vertex)] });
    this.#accepted++;
    this.#out.push({ type: "accepted", vertex });
    if (vertex.certificate.header.header.payload.length > 0) {
      this.#payloadRound = Math.max(this.#payloadRound, vertex.round);
    }
    if (vertex.author === this.#self && vertex.round === this.#own?.round) this.#own = undefined;
    const freed = this.#suspended.release(vertex.id);
    for (const subDag of this.#bullshark.process(vertex)) {
      this.#payload.committed(subDag);
      this.#out.push({ type: "commit", subDag, reported: this.#payload.reported });
    }
    if (this.#bullshark.gcRound > this.#dag.gcRound) {
      this.#dag.collect(this.#bullshark.gcRound);
      freed.push(...this.#suspended.collect(this.#dag.gcRound));
    }
    return freed;
  }

  #proposeWhenDue(): void {
    const { committee } = this.#rules;
    const at = parentRound(this.#dag, committee, this.#lastRound);
    this.#due = at === undefined ? Number.POSITIVE_INFINITY : this.#dueAt(at);
    if (at === undefined || this.#now.elapsed < this.#due) return;
    this.#propose(at + 1);
    const next = parentRound(this.#dag, committee, this.#lastRound);
    this.#due = next === undefined ? Number.POSITIVE_INFINITY : this.#dueAt(next);
  }

  #dueAt(at: number): number {
    if (this.#suspended.highestRound() > at + HEADER_AGE_LIMIT) return Number.POSITIVE_INFINITY;
    return proposalDue({
      timing: this.#timing,
      lastAt: this.#lastAt,
      advance: advances(this.#dag, this.#rules.committee, (round) => this.#bullshark.leader(round), at),
      batches: this.#payload.waiting,
      busy: this.#payload.waiting > 0 || this.#payloadRound > this.lastCommittedRound,
      leads: this.#bullshark.leader(at + 1) === this.#self,
    });
  }

  #propose(round: number): void {
    const own = { round, author: this.#self, ...this.#payload.take(round) };
    const { signed, digest } = makeHeader(this.#rules, this.#signer, this.#dag, own, this.#now.unix);
    const replaced = this.#lastRound > 0 ? this.#lastRound : undefined;
    const bytes = SignedHeader.serialize(signed);
    this.#out.push({ type: "persist", writes: proposalWrites(signed.header, digest, bytes, replaced) });
    this.#lastRound = round;
    this.#lastAt = this.#now.elapsed;
    this.#stallAt = this.#now.elapsed + stallDelayMs(this.#timing);
    this.#sendOwn(signed, digest, bytes);
  }

  #sendOwn(signed: SignedHeader, digest: Uint8Array, bytes: Uint8Array): void {
    const own = new OwnHeader(this.#rules, this.#self, { signed, digest, bytes }, this.#now.elapsed);
    this.#own = own;
    const vote = this.#votes.given(signed.header, digest) ?? this.#giveVote(signed.header, digest);
    this.#out.push({ type: "send", to: this.#others, message: own.message });
    this.#count(vote);
  }

  #sendNewest(to: readonly number[]): void {
    const vertex = this.#dag.at(this.#lastRound, this.#self);
    if (vertex) this.#out.push({ type: "send", to, message: certificateMessage(vertex.certificate) });
  }

  #retry(): void {
    if (this.#own && this.#now.elapsed >= this.#own.retryAt) {
      this.#out.push({ type: "send", to: this.#own.missing(), message: this.#own.message });
      this.#own.retried(this.#now.elapsed);
    }
    if (this.#now.elapsed < this.#stallAt) return;
    this.#stallAt = this.#now.elapsed + stallDelayMs(this.#timing);
    this.#sendNewest(this.#others);
    this.#out.push({ type: "needCertificates", from: undefined });
  }
}
