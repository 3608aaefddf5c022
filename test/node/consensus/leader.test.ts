import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { sha256 } from "#crypto";
import { CommitteeView } from "#node/consensus/committee.ts";
import { leaderOf } from "#node/consensus/leader.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { leaderVectors } from "#scripts/generate/vectors/leader.ts";
import vectors from "../../vectors/leader.json" with { type: "json" };
import { committeeOf, NETWORK_ID } from "./support/dag-builder.ts";

const SEED = sha256(Uint8Array.of(77));

/** The draw of docs/spec/consensus.md (BUL-ELECT), written a second time: SHA-256 of the tag's SHA-256 and the fields. */
function draw(purpose: string, seed: string, value: number): Buffer {
  const tag = createHash("sha256").update(`flk/draw-${purpose}/v1`).digest();
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(BigInt(value));
  const fields = [vectors.networkId, seed].map((hex) => Buffer.from(hex.slice(2), "hex"));
  return createHash("sha256")
    .update(Buffer.concat([tag, ...fields, number]))
    .digest();
}

function electedFrom(members: readonly { nodeId: number; power: number }[], seed: string, round: number) {
  const total = members.reduce((sum, { power }) => sum + power, 0);
  let left = Number(BigInt(`0x${draw("leader", seed, round / 2).toString("hex")}`) % BigInt(total));
  for (const { nodeId, power } of members) {
    if (left < power) return nodeId;
    left -= power;
  }
  return -1;
}

test("the published election and swap are those of the rules, computed a second time", () => {
  const { members, seed, elected, swap } = vectors;
  for (const { round, nodeId } of elected) assert.equal(electedFrom(members, seed, round), nodeId);
  const scheduleSeed = `0x${draw("schedule", seed, swap.number).toString("hex")}`;
  assert.equal(scheduleSeed, swap.seed);
  const powerOf = (nodeId: number) => members.find((member) => member.nodeId === nodeId)?.power ?? 0;
  const sum = (nodeIds: readonly number[]) => nodeIds.reduce((total, nodeId) => total + powerOf(nodeId), 0);
  for (const { nodeId, tie } of swap.scores) {
    assert.equal(`0x${draw("schedule", scheduleSeed, nodeId).toString("hex")}`, tie);
  }
  const ranked = swap.scores.toSorted((a, b) => b.score - a.score || (a.tie < b.tie ? -1 : 1));
  const best = ranked[0]?.score ?? 0;
  const out: number[] = [];
  for (const { nodeId, score } of ranked.toReversed()) {
    if (2 * score < best && 3 * sum([...out, nodeId]) < sum(members.map((member) => member.nodeId)))
      out.push(nodeId);
  }
  const into: number[] = [];
  for (const { nodeId } of ranked) if (sum(into) < sum(out)) into.push(nodeId);
  assert.deepEqual(
    out.toSorted((a, b) => a - b),
    swap.swappedOut,
  );
  assert.deepEqual(
    into.toSorted((a, b) => a - b),
    swap.swappedIn,
  );
  const substitutes = members.filter(({ nodeId }) => swap.swappedIn.includes(nodeId));
  for (const { round, nodeId } of swap.leaders) {
    const drawn = electedFrom(members, seed, round);
    const leader = swap.swappedOut.includes(drawn) ? electedFrom(substitutes, scheduleSeed, round) : drawn;
    assert.equal(leader, nodeId);
  }
  assert(swap.leaders.some(({ nodeId }, at) => nodeId !== elected[at]?.nodeId));
});

test("the code gives the published election", () => {
  assert.deepEqual(leaderVectors(), vectors);
});

test("every member of an even-sized committee leads, as often as its power says", () => {
  const powers = [1, 2, 3, 4];
  const committee = committeeOf(powers);
  const counts = [0, 0, 0, 0];
  const draws = 4000;
  for (let at = 1; at <= draws; at++) {
    const leader = leaderOf(NETWORK_ID, committee, SEED, 2 * at);
    counts[leader] = (counts[leader] ?? 0) + 1;
  }
  for (const [nodeId, power] of powers.entries()) {
    const expected = (draws * power) / 10;
    assert(
      Math.abs((counts[nodeId] ?? 0) - expected) < 5 * Math.sqrt(expected),
      `${nodeId}: ${counts[nodeId]}`,
    );
  }
});

test("odd rounds and round 0 have no leader", () => {
  const committee = committeeOf([1, 1, 1, 1]);
  for (const round of [0, 1, 3]) {
    assert.throws(
      () => leaderOf(NETWORK_ID, committee, SEED, round),
      (error) => isFlkError(error, "ERR_HEADER_ROUND"),
    );
    assert.equal(new CommitteeView(NETWORK_ID, committee, SEED).elected(round), undefined);
  }
});
