import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parse, validate } from "graphql";
import { createSchema } from "#indexer/api/schema.ts";
import {
  exactAmount,
  parseAmount,
  perMille,
  shortAmount,
  shortBytes,
} from "#indexer/explorer/format/amount.ts";
import { readParameter } from "#indexer/explorer/format/parameter.ts";
import { readSearch } from "#indexer/explorer/format/search.ts";
import { plainText, shortHex, words } from "#indexer/explorer/format/text.ts";
import { duration, exactTime, relativeTime } from "#indexer/explorer/format/time.ts";

const SEED = 7;

describe("what the explorer asks", () => {
  const schema = createSchema();
  const folder = join(import.meta.dirname, "../../../indexer/explorer/queries");
  for (const file of globSync("*.ts", { cwd: folder }).sort()) {
    it(`is valid for the schema: ${file}`, async () => {
      const exported = (await import(join(folder, file))) as Record<string, unknown>;
      for (const [name, value] of Object.entries(exported)) {
        if (typeof value !== "object" || value === null || !("text" in value)) continue;
        assert.deepEqual(validate(schema, parse(String(value.text))), [], name);
      }
    });
  }
});

describe("amounts on the page", () => {
  it("are exact, whatever their size", () => {
    assert.equal(exactAmount("1234567", 6, 2), "1.234567");
    assert.equal(exactAmount("1234000000", 6, 2), "1,234.00");
    assert.equal(exactAmount(10n ** 30n + 1n, 18), `1,000,000,000,000.${"0".repeat(17)}1`);
    assert.equal(exactAmount("0", 6, 2), "0.00");
    assert.equal(exactAmount(-1n, 6), "-0.000001");
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 36n - 1n), fc.constantFrom(6, 18), (value, decimals) => {
        assert.equal(parseAmount(exactAmount(value, decimals).replaceAll(",", ""), decimals), value);
      }),
      { seed: SEED },
    );
  });

  it("are cut, not rounded, and say so", () => {
    assert.deepEqual(shortAmount(1_999_999_999_999_999_999n, 18, 4), { text: "1.9999", cut: true });
    assert.deepEqual(shortAmount(1_500_000_000_000_000_000n, 18, 4), { text: "1.5", cut: false });
    assert.deepEqual(shortAmount(1n, 18, 4), { text: "0", cut: true });
  });

  it("are read as they are meant, or not at all", () => {
    assert.equal(parseAmount("12.5", 6), 12_500_000n);
    assert.equal(parseAmount(" 0.000001 ", 6), 1n);
    for (const text of ["", "0", "0.0", "-1", "1e6", "1,5", "0.0000001", "1.", ".5", "٣", "9".repeat(31)]) {
      assert.equal(parseAmount(text, 6), undefined, text);
    }
  });

  it("have lengths only within the drawing", () => {
    assert.deepEqual([perMille(1n, 3n), perMille(5n, 0n), perMille(7n, 7n)], [333, 0, 1000]);
    assert.deepEqual(
      ["0", "999", "1000", "1234567", "999999999", "1000000000000000000000000"].map(shortBytes),
      ["0 B", "999 B", "1 kB", "1.23 MB", "999.99 MB", "1,000,000 EB"],
    );
  });
});

describe("text on the page", () => {
  it("shows what would hide or turn what is beside it", () => {
    assert.equal(plainText("a\u202eb\u0000c\u200bd\ne"), "a\\u{202e}b\\u{0}c\\u{200b}d\\u{a}e");
    assert.equal(plainText("<b>é漢🙂"), "<b>é漢🙂");
    assert.equal(shortHex(`0x${"ab".repeat(20)}`), "0xababab…abab");
    assert.equal(words("nodeShareBps"), "Node share bps");
  });

  it("says when", () => {
    assert.equal(exactTime(0), "1970-01-01 00:00:00 UTC");
    assert.deepEqual([0, 61, 3_600, 90_000].map(duration), ["0 s", "1 min 1 s", "1 h", "1 d 1 h"]);
    assert.equal(relativeTime(10_000, 70_000), "1 min ago");
    assert.equal(relativeTime(70_000, 10_000), "in 1 min");
    assert.equal(relativeTime(500, 0), "now");
  });

  it("says what parameters mean", () => {
    assert.equal(readParameter("maxInflationBps", "325"), "3.25 %");
    assert.equal(readParameter("epochLengthMs", "86400000"), "1 d");
    assert.equal(readParameter("minStake", String(1_000n * 10n ** 18n)), "1,000 FLK");
    assert.equal(readParameter("treasury", "255"), `0x${"ff".padStart(40, "0")}`);
    assert.equal(readParameter("committeeSize", "4"), undefined);
  });
});

describe("search", () => {
  it("knows addresses, transactions, names and numbers", () => {
    const address = `0x${"Ab".repeat(20)}`;
    assert.deepEqual(readSearch(` ${address} `), { kind: "place", to: `/accounts/${address.toLowerCase()}` });
    assert.deepEqual(readSearch(address.slice(2)), {
      kind: "place",
      to: `/accounts/${address.toLowerCase()}`,
    });
    assert.deepEqual(readSearch(`0x${"c".repeat(64)}`), {
      kind: "place",
      to: `/transactions/0x${"c".repeat(64)}`,
    });
    assert.deepEqual(readSearch("Node 3"), { kind: "place", to: "/nodes/3" });
    assert.deepEqual(readSearch("epoch #12"), { kind: "place", to: "/epochs/12" });
    assert.deepEqual(readSearch("#7"), { kind: "number", number: 7 });
    for (const text of ["", "0x12", "-1", "1.5", "node", "javascript:alert(1)", "9".repeat(16)]) {
      assert.deepEqual(readSearch(text), { kind: "nothing" }, text);
    }
  });
});
