import { decode } from "#protocol/types/codec.ts";
import { memberIndex } from "#protocol/types/committee.ts";
import { SettlementShare, SignedAttestation } from "#protocol/types/consensus.ts";
import { Repeater } from "./attestation/repeater.ts";
import type { ChannelMux } from "./channel-mux.ts";
import type { ChainCore } from "./core.ts";
import { createMessageMux } from "./message-mux.ts";
import { Forwarder } from "./pool/forwarder.ts";
import { Loop } from "./support/loop.ts";
import { SyncFetcher } from "./sync/fetch.ts";
import { Follower, type Wanted } from "./sync/follower.ts";
import { SyncPeers } from "./sync/peers.ts";
import { SyncServer } from "./sync/server.ts";
import { Head, MESSAGE_TAG } from "./sync/wire.ts";
import { createSyncMux } from "./sync-mux.ts";

/** ms */
const REPEAT_MS = 500;
const FOLLOW_MS = 1_000;
const FORWARD_MS = 500;
/** A member without progress, or a block without certificate, for so long is helped by what peers have (ms). */
const STALL_MS = 3_000;
/** A node that is further behind shows old balances and credit. */
const MAX_LAG_BLOCKS = 32;

/** Everything the chain says to peers, hears from them and asks them. What they say is hostile until judged. */
export class PeerSide {
  #core: ChainCore;
  #messages: ChannelMux;
  #requests: ChannelMux;
  #peers: SyncPeers;
  #server: SyncServer;
  #forwarder: Forwarder;
  #follower: Follower;
  #loops: { repeat: Loop; poll: Loop; follow: Loop; forward: Loop };
  #off: (() => void)[] = [];
  #open = false;

  constructor(core: ChainCore) {
    this.#core = core;
    const { blocks, settlements, logger, signal } = core;
    const { network, clock } = core.options;
    this.#peers = new SyncPeers({
      self: core.options.self,
      elapsed: () => clock.elapsed(),
      reputation: (node) => core.importer.state.nodeTable.get(String(node))?.reputation,
    });
    this.#messages = createMessageMux(network);
    this.#requests = createSyncMux(network);
    this.#server = new SyncServer({ blocks, settlements, head: () => core.peerHead() });
    this.#forwarder = this.#makeForwarder();
    const fetcher = new SyncFetcher(this.#requests, signal, this.#peers);
    this.#follower = new Follower(this.#followerChain(), fetcher, this.#peers, logger);
    this.#loops = this.#makeLoops();
  }

  start(): void {
    this.#open = true;
    const { network } = this.#core.options;
    this.#off = [
      this.#messages.on(MESSAGE_TAG.attestation, 0xff, {
        onMessage: (from, tag, body) => this.#counted(from, () => this.#onMessage(from, tag, body)),
      }),
      this.#messages.onConnect((node) => this.#onConnect(node)),
      this.#requests.on(0x00, 0x7f, {
        onRequest: (from, tag, body) => this.#counted(from, () => this.#server.answer(tag, body)),
      }),
    ];
    network.onRequest("tx", (from, message) =>
      this.#counted(from, () => this.#forwarder.take(from, message)),
    );
    for (const loop of Object.values(this.#loops)) loop.start();
  }

  /** Takes no more messages; resolves when nothing of it runs. The core's signal has to be aborted before. */
  async stop(): Promise<void> {
    this.#open = false;
    for (const off of this.#off) off();
    this.#off = [];
    await Promise.all(Object.values(this.#loops).map((loop) => loop.stop()));
  }

  /** Why what this chain shows may be old; undefined when nothing says so. */
  behind(): string | undefined {
    const { importer, certified, options } = this.#core;
    const { network, self } = options;
    const connected = network.connected();
    const others = importer.state.committee().members.some(({ nodeId }) => nodeId !== self);
    if (others && connected.length === 0) return "connected to no other node";
    const lag = this.#peers.claimed(connected) - (certified.height + 1);
    return lag > MAX_LAG_BLOCKS ? `${lag} blocks behind what peers have` : undefined;
  }

  /** Something waits to be sent. */
  wake(): void {
    this.#loops.repeat.kick();
    this.#loops.forward.kick();
  }

  /** Members tell those that follow how far they can get. */
  announce(): void {
    const { importer, options } = this.#core;
    const committee = importer.state.committee();
    if (!this.#open || !importer.isMember(committee)) return;
    const followers = options.network.connected().filter((node) => memberIndex(committee, node) < 0);
    this.#sendHead(followers);
  }

  #onConnect(node: number): void {
    if (!this.#open) return;
    this.#sendHead([node]);
    this.#loops.follow.kick();
    this.wake();
  }

  #sendHead(nodes: readonly number[]): void {
    const message = Head.serialize(this.#core.peerHead());
    for (const node of nodes) this.#messages.send(node, MESSAGE_TAG.head, message);
  }

  async #counted<T>(from: number, task: () => T | Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (error) {
      this.#core.rejections.error(error, from);
      throw error;
    }
  }

  async #onMessage(from: number, tag: number, body: Uint8Array): Promise<void> {
    const { collector, settler, importer, rejections } = this.#core;
    switch (tag) {
      case MESSAGE_TAG.attestation:
        collector.add(decode(SignedAttestation, body), importer.state.committee(), from);
        return;
      case MESSAGE_TAG.settlementShare:
        // what is wrong with the share is counted, not thrown: what it throws is our own trouble
        this.#core.run(settler.add(decode(SettlementShare, body), from));
        return;
      case MESSAGE_TAG.head:
        this.#peers.note(from, decode(Head, body));
        this.#loops.follow.kick();
        return;
      default:
        rejections.count("unknown_tag", from);
    }
  }

  #wanted(): Wanted {
    const { importer, collector, settler, certified, runner, progressAt } = this.#core;
    const { state } = importer;
    const now = this.#core.options.clock.elapsed();
    const ordering = runner.running()?.epoch === state.epoch;
    const settlement = settler.waiting()?.epoch;
    const oldest = collector.waiting()[0];
    const late = oldest !== undefined && (!ordering || now - oldest.executedAt >= STALL_MS);
    const follow = settlement === undefined && (!ordering || now - progressAt >= STALL_MS);
    return {
      settlement,
      certificate: late && certified.height < state.height ? oldest.height : undefined,
      block: follow ? state.height + 1 : undefined,
    };
  }

  #followerChain() {
    const { importer, settler, rejections, options } = this.#core;
    return {
      connected: () => options.network.connected(),
      wanted: () => this.#wanted(),
      importBlock: importer.importBlock.bind(importer),
      importCertificate: this.#core.importCertificate.bind(this.#core),
      importSettlement: settler.accept.bind(settler),
      rejected: (error: unknown, from: number) => rejections.error(error, from),
    };
  }

  #makeForwarder(): Forwarder {
    const { pool, importer, logger, signal, rejections } = this.#core;
    const { network, clock } = this.#core.options;
    return new Forwarder({
      ...{ pool, network, clock, logger, signal },
      committee: () => importer.state.committee(),
      isMember: (committee) => importer.isMember(committee),
      rejected: (error, from) => rejections.error(error, from),
    });
  }

  #makeLoops(): { repeat: Loop; poll: Loop; follow: Loop; forward: Loop } {
    const { collector, settler, importer, options } = this.#core;
    const { clock, self } = options;
    const fatal = (error: unknown) => this.#core.fatal(error);
    const mux = this.#messages;
    const repeater = new Repeater({
      self,
      mux,
      clock,
      collector,
      settler,
      epoch: () => importer.state.epoch,
    });
    return {
      repeat: new Loop(clock, REPEAT_MS, async () => repeater.round(), fatal),
      // apart from following, which a peer that does not answer must not hold up
      poll: new Loop(clock, FOLLOW_MS, () => this.#follower.poll(() => this.#loops.follow.kick()), fatal),
      follow: new Loop(clock, FOLLOW_MS, () => this.#follower.round(), fatal),
      forward: new Loop(clock, FORWARD_MS, () => this.#forwarder.round(), fatal),
    };
  }
}
