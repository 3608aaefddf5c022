import { blake3, type Ed25519Signer, ed25519Verify, secureRandom } from "#crypto";
import type { LaneRequest } from "#node/delivery/types.ts";
import type { Clock } from "#node/interface/clock.ts";
import { clientHandshakeDigest, nodeHandshakeDigest } from "#protocol/digests/handshake.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { Handshake } from "#protocol/types/delivery.ts";
import { toHex } from "#protocol/types/hex.ts";
import { edgeError } from "./errors.ts";

/** ms that a client has to answer a challenge */
const CHALLENGE_MS = 30_000;
const MAX_USED = 65_536;

export interface Hello extends LaneRequest {
  clientChallenge: Uint8Array;
}

/**
 * The mutual challenge of rule D1. A challenge is `time(8) ‖ BLAKE3(secret ‖ time ‖ what was asked)[8..32]`, so that hellos
 * cost the node no memory; only answered ones are remembered, to be used once.
 */
export class Handshakes {
  readonly #secret = secureRandom(32);
  /** answered challenges → Unix ms after which they are stale anyway */
  readonly #used = new Map<string, number>();
  readonly #networkId: Uint8Array;
  readonly #self: number;
  readonly #signer: Ed25519Signer;
  readonly #clock: Clock;

  constructor(options: { networkId: Uint8Array; self: number; signer: Ed25519Signer; clock: Clock }) {
    this.#networkId = options.networkId;
    this.#self = options.self;
    this.#signer = options.signer;
    this.#clock = options.clock;
  }

  challenge(hello: Hello): { challenge: Uint8Array; signature: Uint8Array } {
    const challenge = this.#challengeAt(hello, this.#clock.now());
    const transcript = this.#transcript(hello, challenge);
    return { challenge, signature: this.#signer.sign(nodeHandshakeDigest(this.#networkId, transcript)) };
  }

  /** Costs a hash: to be asked before any signature is checked. @throws ERR_CHALLENGE (not ours, expired or used) */
  assertFresh(hello: Hello, nodeChallenge: Uint8Array): void {
    const now = this.#clock.now();
    const time = Number(new DataView(nodeChallenge.buffer, nodeChallenge.byteOffset).getBigUint64(0));
    const fresh = time <= now && now - time <= CHALLENGE_MS;
    if (!fresh || !equalBytes(this.#challengeAt(hello, time), nodeChallenge)) {
      throw edgeError("ERR_CHALLENGE", "not a challenge of this node for this request, or older than 30 s");
    }
    this.#assertUnused(toHex(nodeChallenge));
  }

  /** Uses up the challenge. @throws ERR_HANDSHAKE_SIGNATURE, ERR_CHALLENGE as `assertFresh` */
  verify(hello: Hello, nodeChallenge: Uint8Array, signature: Uint8Array): void {
    this.assertFresh(hello, nodeChallenge);
    const transcript = this.#transcript(hello, nodeChallenge);
    if (!ed25519Verify(hello.key, clientHandshakeDigest(this.#networkId, transcript), signature)) {
      throw edgeError("ERR_HANDSHAKE_SIGNATURE", "not signed by the session key");
    }
    this.#use(toHex(nodeChallenge));
  }

  #use(id: string): void {
    const now = this.#clock.now();
    for (const [old, until] of this.#used) {
      if (until >= now && this.#used.size < MAX_USED) break;
      this.#used.delete(old);
    }
    this.#used.set(id, now + CHALLENGE_MS);
  }

  #assertUnused(id: string): void {
    if (this.#used.has(id)) throw edgeError("ERR_CHALLENGE", "this challenge was answered before");
  }

  #challengeAt(hello: Hello, time: number): Uint8Array {
    const asked = Handshake.serialize(this.#transcript(hello, new Uint8Array(32)));
    const input = new Uint8Array(40 + asked.length);
    input.set(this.#secret, 0);
    new DataView(input.buffer).setBigUint64(32, BigInt(time));
    input.set(asked, 40);
    const challenge = blake3(input);
    challenge.set(input.subarray(32, 40), 0);
    return challenge;
  }

  #transcript(hello: Hello, nodeChallenge: Uint8Array): Handshake {
    const { account, key: session, service, commodity, lane, clientChallenge } = hello;
    return { account, session, node: this.#self, service, commodity, lane, clientChallenge, nodeChallenge };
  }
}
