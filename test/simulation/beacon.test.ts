import assert from "node:assert/strict";
import { test } from "node:test";
import { BeaconExperiment, beaconTable } from "./beacon/beacon.ts";

test("a coalition that leads the last anchors before the cutoff gains by them, and one that leads none does not", () => {
  const experiment = new BeaconExperiment(20, 60);
  const nobody = experiment.measure(0, 20);
  assert.deepEqual([nobody.moreSeats, nobody.moreThanF, nobody.bits[0]], [0, 0, 1]);
  const third = experiment.measure(30, 150);
  assert.deepEqual(experiment.measure(30, 150), third, "the same each time");
  const sum = third.bits.reduce((total, part) => total + part, 0);
  assert.ok(Math.abs(sum - 1) < 1e-9);
  // it leads the last anchor as often as it has seats, f = 6 of 20 at most
  const leads = 1 - (third.bits[0] ?? 0);
  assert.ok(leads > 0.15 && leads < 0.45, `${leads}`);
  assert.ok(third.moreSeats > 2 * third.error, `${third.moreSeats} more, give or take ${third.error}`);
  assert.ok(third.moreSeats < 2, `${third.moreSeats}`);
  assert.ok(third.moreThanF >= third.moreThanFWithout);
  assert.equal(beaconTable([nobody, third]).split("\n").length, 3);
});
