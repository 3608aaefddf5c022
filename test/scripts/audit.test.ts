import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { merkleRoot } from "#scripts/check/audit/merkle.ts";
import { verify } from "#scripts/check/audit/verify.ts";
import { address, corruptAt, goodSnapshot, leaves, type Path } from "./support/audit-snapshot.ts";

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
  /** shows only where money ran out */
  const bounds = (path: Path): boolean => path[0] === "money" && path[1] !== 0 && path.at(-1) === "amount";
  for (const path of leaves(goodSnapshot()).filter((p) => !positions(p) && !bounds(p))) {
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

  it("asks for no activity of epochs beyond those of the run: its clients have stopped", () => {
    const snapshot = goodSnapshot();
    const last = snapshot.l2.activations.length - 1;
    for (const claim of snapshot.l2.claims) claim.block = (snapshot.l2.activations[last]?.block ?? 0) - 1;
    snapshot.epochs = last;
    assert.deepEqual(
      verify(snapshot).filter(({ area }) => area === "active"),
      [],
    );
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
      snapshot.l2.vaultStable = "800001";
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
