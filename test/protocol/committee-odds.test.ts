import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { quorumPower, totalPower } from "#protocol/types/committee.ts";

const DOCUMENT = new URL("../../docs/spec/committee.md", import.meta.url);
const NODES = 1_000n;
const DIGITS = 120n;

/** Ways to take `k` of `n`. */
function choose(n: bigint, k: bigint): bigint {
  let ways = 1n;
  for (let i = 0n; i < k; i++) ways = (ways * (n - i)) / (i + 1n);
  return ways;
}

/** That at least `least` of `seats` go to a coalition of `coalition` nodes, in units of 10^-DIGITS (hypergeometric, exact). */
function odds(coalition: bigint, seats: bigint, least: bigint): bigint {
  let ways = 0n;
  for (let held = least; held <= seats && held <= coalition; held++) {
    ways += choose(coalition, held) * choose(NODES - coalition, seats - held);
  }
  return (ways * 10n ** DIGITS) / choose(NODES, seats);
}

/** As the document writes it: 3.5 % or 1.2e-9, two digits, rounded down. */
function written(value: bigint): string {
  if (value === 0n) return "0";
  const percent = Number((value * 10_000n) / 10n ** DIGITS) / 100;
  if (percent >= 1) return `${Math.floor(percent * 10) / 10} %`;
  const text = value.toString();
  const exponent = BigInt(text.length - 1) - DIGITS;
  return `${text[0]}.${text[1] ?? "0"}e${exponent}`;
}

function thresholds(seats: number): { moreThanF: bigint; quorum: bigint } {
  const members = Array.from({ length: seats }, (_, nodeId) => ({
    nodeId,
    keyVersion: 0,
    power: 1,
    consensusKey: new Uint8Array(48),
  }));
  const committee = { epoch: 0, members };
  const quorum = quorumPower(committee);
  return { moreThanF: BigInt(totalPower(committee) - quorum + 1), quorum: BigInt(quorum) };
}

test("docs/spec/committee.md says how often a coalition gets more than f seats, and a quorum", async () => {
  const lines = (await readFile(DOCUMENT, "utf8")).split("\n");
  const rows = lines
    .filter((line) => /^\| \d/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const parts = [10n, 20n, 25n, 30n, 33n];
  assert.deepEqual(
    rows.map(([, seats]) => seats),
    ["4", "10", "20", "50", "100", "200", "4", "10", "20", "50", "100", "200"],
  );
  for (const [at, [, seats, ...cells]] of rows.entries()) {
    const { moreThanF, quorum } = thresholds(Number(seats));
    const expected = parts.map((part) =>
      written(odds((NODES * part) / 100n, BigInt(seats ?? 0), at < 6 ? moreThanF : quorum)),
    );
    assert.deepEqual(cells.slice(0, parts.length), expected, `${seats} seats`);
  }
});
