import type { SignatureVerifier } from "#node/interface/crypto.ts";
import { signatureVerifier } from "#node/transition/block/signatures.ts";
import { BenchChain } from "./chain.ts";

export interface Load {
  nodes: number;
  accounts: Uint8Array[];
  lanes: number;
  /** block by block */
  authorizations: Uint8Array[][];
  /** each with every lane once, block by block */
  rounds: Uint8Array[][][];
}

export interface Figures {
  /** lanes that are paid for the first time, a second of wall time */
  newLanesPerS: number;
  /** the same lanes once more, with more units */
  againPerS: number;
  /** CPU of the whole process, threads of the database included */
  cpuMicrosPerLane: number;
}

/** Sessions are authorised without signatures: a hundred thousand of them would take minutes to make. */
class Switched implements SignatureVerifier {
  checked = false;

  account(): boolean {
    return true;
  }

  ed25519(key: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
    return !this.checked || signatureVerifier.ed25519(key, digest, signature);
  }
}

/** Runs `load` on a fresh chain. `checked`: whether signatures of nodes and sessions are. @throws ERR_BENCH_BLOCK */
export async function measure(load: Load, checked: boolean): Promise<Figures> {
  const { nodes, accounts, lanes, authorizations, rounds } = load;
  const signatures = new Switched();
  const chain = await BenchChain.open(nodes, accounts, signatures);
  try {
    for (const block of authorizations) await chain.block(block);
    signatures.checked = checked;
    const before = process.cpuUsage();
    const ms: number[] = [];
    for (const round of rounds) {
      let sum = 0;
      for (const block of round) sum += await chain.block(block);
      ms.push(sum);
    }
    const { user, system } = process.cpuUsage(before);
    const perS = (time = 0): number => Math.round((1000 * lanes) / time);
    return {
      newLanesPerS: perS(ms[0]),
      againPerS: perS(ms[1]),
      cpuMicrosPerLane: Number(((user + system) / (rounds.length * lanes)).toFixed(1)),
    };
  } finally {
    await chain.close();
  }
}
