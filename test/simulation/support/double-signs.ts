import { decodePeerMessage, TAG } from "#node/consensus/wire.ts";
import type { Channel } from "#node/interface/network.ts";
import { toHex } from "#protocol/types/hex.ts";

/** Remembers every header and vote that left a node, over crashes: two for one slot would be slashed. */
export class DoubleSigns {
  found: string[] = [];
  headers = 0;

  #signed = new Map<string, string>();

  observe(from: number, channel: Channel, message: Uint8Array): void {
    const tag = message[0];
    if (channel !== "consensus" || (tag !== TAG.header && tag !== TAG.vote)) return;
    const parsed = decodePeerMessage(tag, message.subarray(1));
    const bytes = toHex(message);
    if (parsed.type === "header") {
      const { epoch, round } = parsed.signed.header;
      this.headers++;
      this.#check(`header of ${from}, epoch ${epoch}, round ${round}`, bytes);
    }
    if (parsed.type === "vote") {
      const { epoch, round, author } = parsed.vote;
      this.#check(`vote of ${from}, epoch ${epoch}, round ${round}, author ${author}`, bytes);
    }
  }

  #check(slot: string, bytes: string): void {
    const before = this.#signed.get(slot);
    if (before !== undefined && before !== bytes) this.found.push(slot);
    this.#signed.set(slot, bytes);
  }
}
