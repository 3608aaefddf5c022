import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "#crypto";
import { CommitteeView } from "#node/consensus/committee.ts";
import { leaderOf } from "#node/consensus/leader.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { committeeOf, NETWORK_ID } from "./support/dag-builder.ts";

const SEED = sha256(Uint8Array.of(77));

test("the schedule is the published one", () => {
  const committee = committeeOf([1, 1, 1, 1]);
  const leaders = Array.from({ length: 16 }, (_, at) => leaderOf(NETWORK_ID, committee, SEED, 2 * at + 2));
  assert.deepEqual(leaders, [3, 0, 3, 0, 2, 2, 0, 0, 3, 0, 2, 0, 0, 2, 0, 3]);
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
    assert.equal(new CommitteeView(NETWORK_ID, committee, SEED).leader(round), undefined);
  }
});
