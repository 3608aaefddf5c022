import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "#crypto";
import { blsKeygen, blsSigner, blsVerifier } from "#protocol/crypto/bls.ts";
import { Simulation } from "#test/simulation/support/simulation.ts";

test("four members with BLS keys order what is submitted", async () => {
  const signers = Array.from({ length: 4 }, (_, at) => blsSigner(blsKeygen(sha256(Uint8Array.of(at)))));
  const members = signers.map(({ publicKey }, nodeId) => ({
    nodeId,
    keyVersion: 0,
    power: 1,
    consensusKey: publicKey,
  }));
  const simulation = new Simulation({
    seed: 3,
    size: 4,
    committee: { epoch: 1, members },
    crypto: {
      signer: (nodeId) => signers[nodeId] as (typeof signers)[number],
      verifier: blsVerifier,
    },
  });
  await simulation.start();
  const before = process.cpuUsage();
  await simulation.load(2000, 50);
  await simulation.run(1500);
  const { user, system } = process.cpuUsage(before);
  await simulation.checkComplete();
  const { longest } = await simulation.check();
  assert(longest >= 4, `only ${longest} blocks`);
  // four members and 3.5 s of their time: far from keeping a machine busy
  assert((user + system) / 1000 < 3500, `${(user + system) / 1000} ms of CPU`);
});
