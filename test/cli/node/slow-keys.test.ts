import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { test } from "node:test";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { warnOfSlowKeys } from "#cli/node/slow-keys.ts";
import type * as whole from "#protocol/crypto/node.ts";
import { recordingLogger } from "#test/node/support/recording.ts";

/** The module once more, on a machine where the native library fails to load with `cause`. */
async function withoutNative(cause: Error): Promise<typeof whole> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier.startsWith("secp256k1/")) throw cause;
      return next(specifier, context);
    },
  });
  try {
    return await import(
      `${import.meta.resolve("#protocol/crypto/node.ts")}?${encodeURIComponent(cause.message)}`
    );
  } finally {
    hooks.deregister();
  }
}

test("without the native library keys are recovered all the same, its failure is told, and a node warns of it once", async () => {
  const cause = new Error("invalid ELF header");
  const broken = await withoutNative(cause);
  assert.equal(broken.nativeSecp256k1Failure, cause);
  const digest = new Uint8Array(32).fill(7);
  const secret = new Uint8Array(32).fill(5);
  const raw = secp256k1.sign(digest, secret, { prehash: false, format: "recovered" });
  const key = broken.recoverPublicKey(digest, raw.subarray(1), raw[0] === 1 ? 1 : 0);
  assert.deepEqual(new Uint8Array(key ?? []), secp256k1.getPublicKey(secret, false));
  const logger = recordingLogger();
  warnOfSlowKeys(logger, broken.nativeSecp256k1Failure);
  const fields = { reason: "Error: invalid ELF header" };
  assert.deepEqual(logger.lines, [{ level: "warn", event: "node.slow_keys", fields }]);
});

test("with the native library a node says nothing of it", () => {
  const logger = recordingLogger();
  warnOfSlowKeys(logger, undefined);
  assert.deepEqual(logger.lines, []);
});
