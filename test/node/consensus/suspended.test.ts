import assert from "node:assert/strict";
import { test } from "node:test";
import { Suspended } from "#node/consensus/suspended.ts";
import { isFlkError } from "#protocol/errors/error.ts";
import { DagBuilder } from "./support/dag-builder.ts";

function rows() {
  const dag = new DagBuilder(4);
  const first = dag.rows(1, 1, dag.members());
  const second = dag.row(2, dag.members(), first);
  return { first, second, third: dag.row(3, dag.members(), second) };
}

test("a certificate is free when the last of its parents has come", () => {
  const { first, second } = rows();
  const suspended = new Suspended(10);
  const [vertex] = second;
  assert(vertex);
  suspended.add(vertex, vertex.parents);
  for (const parent of first.slice(0, 3)) assert.deepEqual(suspended.release(parent.id), []);
  assert.deepEqual(suspended.release(first[3]?.id ?? ""), [vertex]);
  assert.equal(suspended.size, 0);
});

test("collection forgets those of collected rounds and frees those whose parents are collected", () => {
  const { second, third } = rows();
  const suspended = new Suspended(20);
  for (const vertex of [...third, ...second]) suspended.add(vertex, vertex.parents);
  assert.deepEqual(suspended.collect(0), []);
  assert.equal(suspended.size, 8);
  assert.deepEqual(suspended.collect(1), second);
  assert.equal(suspended.size, 4);
  assert.deepEqual(suspended.collect(3), []);
  assert.equal(suspended.size, 0);
  for (const vertex of second) assert.deepEqual(suspended.release(vertex.id), []);
});

test("what waits is bounded", () => {
  const { second } = rows();
  const suspended = new Suspended(3);
  for (const vertex of second.slice(0, 3)) suspended.add(vertex, vertex.parents);
  suspended.add(second[0] as (typeof second)[0], second[0]?.parents ?? []);
  assert.throws(
    () => suspended.add(second[3] as (typeof second)[0], second[3]?.parents ?? []),
    (error) => isFlkError(error, "ERR_SUSPENDED_FULL"),
  );
});
