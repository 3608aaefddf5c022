import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { ed25519Signer, ed25519Verify, sha256 } from "#crypto";
import { blsVerify } from "#protocol/crypto/bls.ts";
import { consensusSigner } from "./committee.ts";

const SLICE_MS = 500;
const LOOPBACK_BYTES = 128 << 20;

/** What the machine can do, one core each, in the same minute as the run. */
export interface Calibration {
  blstVerifyPerS: number;
  ed25519VerifyPerS: number;
  ed25519SignPerS: number;
  sha256MBps: number;
  /** plain TCP over loopback */
  loopbackMBps: number;
}

function perSecond(act: () => void): number {
  act();
  let runs = 0;
  const start = performance.now();
  while (performance.now() - start < SLICE_MS) {
    act();
    runs++;
  }
  return Math.round((1000 * runs) / (performance.now() - start));
}

async function loopback(): Promise<number> {
  const server = createServer((socket) => {
    const chunk = Buffer.alloc(1 << 16);
    let left = LOOPBACK_BYTES;
    const pump = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!socket.write(chunk)) {
          socket.once("drain", pump);
          return;
        }
      }
      socket.end();
    };
    socket.on("error", () => socket.destroy());
    pump();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const start = performance.now();
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.resume();
  await once(socket, "close");
  const seconds = (performance.now() - start) / 1000;
  server.close();
  return Math.round(LOOPBACK_BYTES / 1e6 / seconds);
}

export async function calibrate(): Promise<Calibration> {
  const message = sha256(Uint8Array.of(7));
  const bls = consensusSigner(1);
  const blsSignature = bls.sign(message);
  const ed = ed25519Signer(message);
  const edSignature = ed.sign(message);
  const megabyte = Buffer.alloc(1_000_000);
  return {
    blstVerifyPerS: perSecond(() => void blsVerify(bls.publicKey, message, blsSignature)),
    ed25519VerifyPerS: perSecond(() => void ed25519Verify(ed.publicKey, message, edSignature)),
    ed25519SignPerS: perSecond(() => void ed.sign(message)),
    sha256MBps: perSecond(() => void createHash("sha256").update(megabyte).digest()),
    loopbackMBps: await loopback(),
  };
}

/** For people, one line each. */
export function calibrationLines(calibration: Calibration): string[] {
  return Object.entries(calibration).map(
    ([name, value]) => `${name.padEnd(18)} ${value.toLocaleString("en-US")}`,
  );
}
