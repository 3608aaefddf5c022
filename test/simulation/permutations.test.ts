import assert from "node:assert/strict";
import { test } from "node:test";
import { runPermutations } from "./permutations/suite.ts";

test("random DAGs in many causal orders each give one order", () => {
  const { dags, orders, different } = runPermutations("sample");
  assert.deepEqual({ dags, orders, different }, { dags: 144, orders: 2304, different: 0 });
});
