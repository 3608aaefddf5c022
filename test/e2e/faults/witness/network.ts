import { MESSAGE_TAG } from "#node/chain/sync/wire.ts";
import { TAG } from "#node/consensus/wire.ts";
import type { Channel, Network } from "#node/interface/network.ts";
import { createNetwork as createReal } from "#node/network/network.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import { RecordWriter } from "./records.ts";

const SIGNED: ReadonlySet<number> = new Set<number>([
  TAG.header,
  TAG.vote,
  MESSAGE_TAG.attestation,
  MESSAGE_TAG.settlementShare,
]);

/** As the node's own, and each message that carries a signature of the node is in a file before it leaves. */
export function createNetwork(options: Parameters<typeof createReal>[0]): ReturnType<typeof createReal> {
  const network = createReal(options);
  const send = network.send.bind(network);
  const writer = new RecordWriter(process.env.FLK_WITNESS ?? "");
  const last = new Map<number, Uint8Array>();
  const witnessed: Network["send"] = (to: number, channel: Channel, message: Uint8Array) => {
    const tag = message[0] ?? 0;
    if (channel === "consensus" && SIGNED.has(tag)) {
      const before = last.get(tag);
      // most go to every member in turn
      if (before === undefined || !equalBytes(before, message)) {
        writer.write(message);
        last.set(tag, message);
      }
    }
    return send(to, channel, message);
  };
  return Object.assign(network, { send: witnessed });
}
