import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { keccak256 } from "viem";
import { merkleRoot } from "#scripts/check/audit/merkle.ts";
import type { NodeFacts, ReportFacts, Snapshot } from "#scripts/check/audit/snapshot.ts";
import { verify } from "#scripts/check/audit/verify.ts";

const address = (n: number): string => `0x${n.toString(16).padStart(40, "0")}`;
const root = (n: number): string => `0x${n.toString(16).padStart(64, "0")}`;
const CLIENT = address(0xc1);
const OPERATOR = address(0x0e);

function report(epoch: number): ReportFacts {
  const paid = 100n * BigInt(epoch + 1);
  return {
    epoch,
    bytes: `0x0${epoch}`,
    blocks: 5,
    deliveries: 3,
    revenue: "100",
    flkMinted: "7",
    committee: epoch % 2 === 0 ? [1, 2, 3, 4] : [2, 3, 4, 5],
    payouts: [{ account: OPERATOR, stable: paid.toString(), flk: (7n * BigInt(epoch + 1)).toString() }],
    balances: [
      { account: CLIENT, balance: (1000n - paid).toString(), depositsSeen: "1000" },
      { account: OPERATOR, balance: "0", depositsSeen: "0" },
    ],
  };
}

function nodeFacts(): NodeFacts {
  const closing = [0, 1].map((epoch) => ({
    height: 5 * (epoch + 1) - 1,
    blockRoot: root(50 + epoch),
    stateRoot: root(40 + epoch),
    l2Number: 20 + epoch,
  }));
  const balances = [
    { account: CLIENT, balance: "800" },
    { account: OPERATOR, balance: "0" },
  ];
  return { closing, balances, reports: [report(0), report(1)] };
}

function settlement(epoch: number): Snapshot["l2"]["settlements"][number] {
  const { payouts, balances, bytes } = report(epoch);
  return {
    epoch,
    block: 30 + 10 * epoch,
    l2Number: 20 + epoch,
    stateRoot: root(40 + epoch),
    payoutRoot: merkleRoot(payouts.map((p) => ({ account: p.account, first: p.stable, second: p.flk }))),
    balanceRoot: merkleRoot(
      balances.map((b) => ({ account: b.account, first: b.balance, second: b.depositsSeen })),
    ),
    reportHash: keccak256(bytes as `0x${string}`),
    totalBalances: (1000 - 100 * (epoch + 1)).toString(),
    totalPayoutStable: (100 * (epoch + 1)).toString(),
    totalPayoutFlk: (7 * (epoch + 1)).toString(),
  };
}

function goodSnapshot(): Snapshot {
  return {
    epochs: 2,
    l2: {
      deposits: [{ account: CLIENT, amount: "1000", block: 10 }],
      settlements: [settlement(0), settlement(1)],
      activations: [
        { epoch: 0, block: 31, flkMinted: "7" },
        { epoch: 1, block: 41, flkMinted: "7" },
      ],
      claims: [
        { account: OPERATOR, stable: "100", flk: "7", block: 32 },
        { account: OPERATOR, stable: "100", flk: "7", block: 42 },
      ],
      rewardMints: [
        { amount: "7", block: 31 },
        { amount: "7", block: 41 },
      ],
      claimed: [
        { account: CLIENT, stable: "0", flk: "0" },
        { account: OPERATOR, stable: "200", flk: "14" },
      ],
      vaultStable: "800",
      settlementStable: "0",
      settlementFlk: "0",
      stakes: [{ nodeId: 1, staked: "5000", thawing: "10" }],
      stakingFlk: "5010",
    },
    nodes: [nodeFacts(), nodeFacts()],
    graphql: {
      accounts: [
        {
          account: CLIENT,
          deposits: "1000",
          balance: "800",
          payoutStable: "0",
          payoutFlk: "0",
          claimedStable: "0",
          claimedFlk: "0",
        },
        {
          account: OPERATOR,
          deposits: "0",
          balance: "0",
          payoutStable: "200",
          payoutFlk: "14",
          claimedStable: "200",
          claimedFlk: "14",
        },
      ],
      nodes: [{ nodeId: 1, stake: "5000", thawing: "10" }],
      epochs: [
        { epoch: 0, revenue: "100", flkMinted: "7", deliveries: 3 },
        { epoch: 1, revenue: "100", flkMinted: "7", deliveries: 3 },
      ],
    },
  };
}

/** Moves by one unit: a number, a decimal string, or the last digit of a hex string. */
function corrupt(value: number | string): number | string {
  if (typeof value === "number") return value + 1;
  if (!value.startsWith("0x")) return (BigInt(value) + 1n).toString();
  return value.slice(0, -1) + (value.endsWith("0") ? "1" : "0");
}

type Path = (string | number)[];

function leaves(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]));
}

function corruptAt(snapshot: Snapshot, path: Path): void {
  let holder: Record<string, unknown> = snapshot as unknown as Record<string, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string, unknown>;
  const key = path[path.length - 1] as string;
  holder[key] = corrupt(holder[key] as number | string);
}

describe("audit", () => {
  it("finds nothing wrong with a sound run", () => {
    assert.deepEqual(verify(goodSnapshot()), []);
  });

  it("computes the same root as the OpenZeppelin tree", () => {
    for (let n = 1; n <= 9; n++) {
      const entries = Array.from({ length: n }, (_, i) => ({
        account: address(1 + i * 7),
        first: `${i}`,
        second: `${i * i}`,
      }));
      const tree = StandardMerkleTree.of(
        entries.map((e) => [e.account, e.first, e.second]),
        ["address", "uint256", "uint256"],
      );
      assert.equal(merkleRoot(entries), tree.root);
    }
  });

  const positions = (path: Path): boolean => path.at(-1) === "block" && path[1] !== "rewardMints";
  for (const path of leaves(goodSnapshot()).filter((p) => !positions(p))) {
    it(`sees one unit more at ${path.join(".")}`, () => {
      const snapshot = goodSnapshot();
      corruptAt(snapshot, path);
      assert.notDeepEqual(verify(snapshot), []);
    });
  }

  it("sees a deposit that came after the checkpoint of its settlement", () => {
    const snapshot = goodSnapshot();
    (snapshot.l2.deposits[0] as { block: number }).block = 25;
    assert.notDeepEqual(verify(snapshot), []);
  });

  it("sees an epoch that nobody claimed", () => {
    const snapshot = goodSnapshot();
    const last = snapshot.l2.activations.length - 1;
    for (const claim of snapshot.l2.claims) claim.block = (snapshot.l2.activations[last]?.block ?? 0) - 1;
    assert.ok(verify(snapshot).some((problem) => problem.text === `epoch ${last}: nothing was claimed`));
  });

  it("takes the claims of a later epoch for one that was active only for a moment, as after an outage", () => {
    const snapshot = goodSnapshot();
    for (const claim of snapshot.l2.claims) {
      claim.block = Math.max(claim.block, (snapshot.l2.activations[1]?.block ?? 0) + 1);
    }
    assert.deepEqual(
      verify(snapshot).filter((problem) => problem.area === "active"),
      [],
    );
  });

  it("sees a committee that did not change", () => {
    const snapshot = goodSnapshot();
    for (const node of snapshot.nodes) for (const r of node.reports) r.committee = [1, 2, 3, 4];
    assert.ok(verify(snapshot).some((problem) => problem.text === "epoch 1: no committee seat changed"));
  });

  it("ends with 1 on a corrupted snapshot and with 0 on a sound one", () => {
    const folder = mkdtempSync(join(tmpdir(), "flk-audit-"));
    try {
      const good = join(folder, "good.json");
      const bad = join(folder, "bad.json");
      writeFileSync(good, JSON.stringify(goodSnapshot()));
      const snapshot = goodSnapshot();
      snapshot.l2.vaultStable = "801";
      writeFileSync(bad, JSON.stringify(snapshot));
      const run = (file: string) =>
        spawnSync(process.execPath, ["scripts/check/audit/main.ts", "--snapshot", file], {
          encoding: "utf8",
        });
      const sound = run(good);
      assert.equal(sound.status, 0, sound.stderr);
      const corrupted = run(bad);
      assert.equal(corrupted.status, 1);
      assert.equal(JSON.parse(corrupted.stdout.trim().split("\n").at(-1) ?? "").conserved, false);
      assert.equal(run(join(folder, "missing.json")).status, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
