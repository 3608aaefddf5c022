import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { blsKeygen, blsSigner } from "#protocol/crypto/bls.ts";
import { g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { toHex } from "#protocol/types/hex.ts";
import { CLIENT, OTHER, operatorOf } from "./support/chain.ts";
import { caughtUp, get, ready, startWorld, until, type World } from "./support/world.ts";

const FLK = 10n ** 18n;
const PAYEE = `0x${"f1".repeat(20)}` as const;
const OPERATOR = `0x${"f2".repeat(20)}` as const;
const NOBODY = `0x${"00".repeat(20)}` as const;
const NETWORK_KEY = toHex(new Uint8Array(32).fill(0x77));
const newKey = blsSigner(blsKeygen(new Uint8Array(32).fill(0x77))).publicKey;

describe("an indexer that reads what the contracts say", () => {
  let world: World;
  const node = async () =>
    (
      await get(
        world.indexer,
        "{ node(id: 2) { owner payee operator optedIn lockedUntil slashed stake thawing keyVersion keyFromEpoch consensusKey networkKey } }",
      )
    ).node;
  const settlement = async (epoch: number) => {
    const query = `{ settlement(epoch: ${epoch}) { state heldFor } epoch(number: ${epoch}) { finality } }`;
    const data = await get(world.indexer, query);
    return { ...data.settlement, finality: data.epoch?.finality };
  };

  before(async () => {
    world = await startWorld();
    await caughtUp(world);
  });
  after(() => world.stop());

  it("serves a node as it was registered: opted in, paid to its owner, neither locked nor slashed", async () => {
    const served = await node();
    assert.equal(served.payee, operatorOf(2));
    assert.deepEqual(
      [
        served.operator,
        served.optedIn,
        served.lockedUntil,
        served.slashed,
        served.keyVersion,
        served.keyFromEpoch,
      ],
      [null, true, null, "0", 0, null],
    );
  });

  it("follows keys, participation, payee, operator, lock and slashes of a node, and its old keys stay known", async () => {
    const { l2, chain } = world;
    l2.emit("staking", "KeyRotated", {
      nodeId: 2,
      keyVersion: 1,
      key: toHex(g1ToEip2537(newKey)),
      fromEpoch: 7n,
    });
    l2.emit("staking", "NetworkKeyRotated", { nodeId: 2, networkKey: NETWORK_KEY });
    l2.emit("staking", "ParticipationSet", { nodeId: 2, optedIn: false });
    l2.emit("staking", "PayeeSet", { nodeId: 2, payee: PAYEE });
    l2.emit("staking", "OperatorSet", { nodeId: 2, operator: OPERATOR });
    l2.emit("staking", "StakeLocked", { nodeId: 2, lockedUntil: 1_900_000_000n });
    for (const amount of [3n * FLK, FLK]) {
      l2.emit("staking", "Slashed", { nodeId: 2, amount, reporter: OTHER, reward: 1n });
    }
    l2.emit("staking", "StakeChanged", { nodeId: 2, staked: 1996n * FLK, thawing: 0n });
    chain.block({ changes: [chain.pay(CLIENT, 100n)] });
    await caughtUp(world);
    assert.deepEqual(await node(), {
      owner: operatorOf(2),
      payee: PAYEE,
      operator: OPERATOR,
      optedIn: false,
      lockedUntil: 1_900_000_000,
      slashed: (4n * FLK).toString(),
      stake: (1996n * FLK).toString(),
      thawing: "0",
      keyVersion: 1,
      consensusKey: toHex(newKey),
      keyFromEpoch: 7,
      networkKey: NETWORK_KEY,
    });
    l2.emit("staking", "OperatorSet", { nodeId: 2, operator: NOBODY });
    await caughtUp(world);
    assert.equal((await node()).operator, null);
  });

  it("says whom an account's claims go to, and who got each", async () => {
    const { l2, chain } = world;
    chain.close();
    const account = operatorOf(2);
    l2.emit("settlement", "PayeeSet", { account, payee: PAYEE });
    chain.claim(account, undefined, PAYEE);
    await caughtUp(world);
    const query = `{ account(address: "${account}") { payee claims { nodes { account payee stable } } } }`;
    const served = (await get(world.indexer, query)).account;
    assert.equal(served.payee, PAYEE);
    assert.deepEqual(served.claims.nodes, [{ account, payee: PAYEE, stable: "70" }]);
    l2.emit("settlement", "PayeeSet", { account, payee: account });
    await caughtUp(world);
    assert.equal((await get(world.indexer, query)).account.payee, account);
  });

  it("follows a service to its new owner", async () => {
    const { l2 } = world;
    l2.emit("services", "ServiceTransferred", {
      serviceId: 0,
      previousOwner: operatorOf(1),
      owner: OTHER,
    });
    await caughtUp(world);
    const { services, account } = await get(
      world.indexer,
      `{ services { nodes { owner } } account(address: "${OTHER}") { roles } }`,
    );
    assert.deepEqual(services.nodes, [{ owner: OTHER }]);
    assert.ok(account.roles.includes("SERVICE_OWNER"));
  });

  it("keeps a held settlement from being final, says why, and lets a released one go on", async () => {
    const { l2, chain } = world;
    chain.close({ activate: false });
    const digest = toHex(new Uint8Array(32).fill(1));
    l2.emit("settlement", "Held", { epoch: 1n, digest, reasons: 2 });
    l2.emit("settlement", "Held", { epoch: 1n, digest, reasons: 2 + 32 });
    await until("it is held", async () => (await settlement(1)).heldFor?.length === 2);
    await until("it is verified", async () => (await settlement(1)).finality === "SETTLED");
    assert.deepEqual(await settlement(1), {
      state: "HELD",
      heldFor: ["FLK_LIMIT", "VETO"],
      finality: "SETTLED",
    });
    assert.equal((await ready(world.indexer)).status, 200);
    l2.emit("settlement", "Released", { epoch: 1n, digest });
    await until("it is pending", async () => (await settlement(1)).state === "PENDING");
    chain.activate(1);
    await until("it is final", async () => (await settlement(1)).finality === "FINAL");
    assert.deepEqual((await settlement(1)).heldFor, []);
  });

  it("says that the L2 froze, and never calls final what a restart voided", async () => {
    const { l2, chain } = world;
    chain.close({ activate: false });
    chain.close({ activate: false });
    await until("both are settled", async () => (await settlement(3)).finality === "SETTLED");
    l2.emit("settlement", "Frozen", { activeEpochs: 2n, balanceRoot: NETWORK_KEY, l2Number: 1n });
    await until("it says so", async () =>
      (await ready(world.indexer)).reasons.some((reason) => /^ERR_L2_RESTART: FROZEN/.test(reason)),
    );
    l2.emit("vault", "Escaped", { account: OTHER, amount: 5n, balance: 3n, depositsCounted: 2n });
    l2.emit("vault", "Escaped", { account: OTHER, amount: 2n, balance: 0n, depositsCounted: 4n });
    l2.emit("settlement", "Voided", { firstEpoch: 2n, lastEpoch: 3n });
    l2.emit("settlement", "Restart", {
      activeEpochs: 2n,
      resumeEpoch: 6n,
      digest: NETWORK_KEY,
      committee: { epoch: 6n, members: "0x", aggregateKey: "0x" },
      committeeHash: NETWORK_KEY,
      closeTime: 1n,
      recovered: false,
    });
    await until("they are voided", async () => (await settlement(3)).state === "VOIDED");
    assert.deepEqual(await settlement(2), { state: "VOIDED", heldFor: [], finality: "COMMITTED" });
    assert.equal((await settlement(1)).state, "ACTIVE");
    await until("it says what goes on", async () =>
      /RESTARTED .* epoch 6 goes on from epoch 1/.test((await ready(world.indexer)).reasons.join()),
    );
    const { account } = await get(world.indexer, `{ account(address: "${OTHER}") { escaped } }`);
    assert.equal(account.escaped, "7");
  });
});
