import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Comparison, compare } from "#scripts/check/storage-layout/compare.ts";
import { type Layouts, readLayout } from "#scripts/check/storage-layout/layout.ts";

const TYPES = {
  t_uint64: { label: "uint64", encoding: "inplace", numberOfBytes: "8" },
  t_uint128: { label: "uint128", encoding: "inplace", numberOfBytes: "16" },
  "t_struct(Account)7": {
    label: "struct Account",
    encoding: "inplace",
    numberOfBytes: "32",
    members: [{ label: "balance", offset: 0, slot: "0", type: "t_uint64" }],
  },
  "t_struct(Lot)9": {
    label: "struct Lot",
    encoding: "inplace",
    numberOfBytes: "32",
    members: [{ label: "owner", offset: 0, slot: "0", type: "t_struct(Account)7" }],
  },
  "t_array(t_struct(Lot)9)dyn_storage": {
    label: "struct Lot[]",
    encoding: "dynamic_array",
    numberOfBytes: "32",
    base: "t_struct(Lot)9",
  },
};

describe("the storage layout of a contract", () => {
  test("is read without what changes with every edit, and knows what lies in arrays", () => {
    const layout = readLayout({
      storage: [
        { label: "_total", offset: 0, slot: "0", type: "t_uint64" },
        { label: "_lots", offset: 0, slot: "1", type: "t_array(t_struct(Lot)9)dyn_storage" },
      ],
      types: TYPES,
    });
    assert.deepEqual(layout, {
      storage: ["slot 0 byte 0: _total uint64 (8 bytes)", "slot 1 byte 0: _lots struct Lot[] (32 bytes)"],
      structs: {
        "struct Account": ["slot 0 byte 0: balance uint64 (8 bytes)"],
        "struct Lot": ["slot 0 byte 0: owner struct Account (32 bytes)"],
      },
      inArrays: ["struct Account", "struct Lot"],
    });
    assert.deepEqual(readLayout({ storage: [], types: null }), { storage: [], structs: {}, inArrays: [] });
  });

  const before = {
    Vault: {
      storage: ["slot 0: a", "slot 1: b"],
      structs: { "struct Free": ["x"], "struct Element": ["y"] },
      inArrays: ["struct Element"],
    },
  } satisfies Layouts;
  const { storage, structs, inArrays } = before.Vault;
  const vault = (changes: Partial<Layouts[string]>): Layouts => ({
    Vault: { storage, structs, inArrays, ...changes },
  });

  const CASES: [what: string, now: Layouts, expected: Comparison][] = [
    ["the same", before, { broken: [], appended: [] }],
    [
      "a variable at the end",
      vault({ storage: [...storage, "slot 2: c"] }),
      { broken: [], appended: ["Vault: slot 2: c"] },
    ],
    [
      "a variable in between",
      vault({ storage: ["slot 0: a", "slot 1: c", "slot 2: b"] }),
      { broken: ['Vault: "slot 1: b" is "slot 1: c" now'], appended: [] },
    ],
    [
      "a variable less",
      vault({ storage: ["slot 0: a"] }),
      { broken: ['Vault: "slot 1: b" is "gone" now'], appended: [] },
    ],
    [
      "a member at the end, with room to grow",
      vault({ structs: { ...structs, "struct Free": ["x", "z"] } }),
      { broken: [], appended: ["Vault, struct Free: z"] },
    ],
    [
      "a member at the end of an array's element",
      vault({ structs: { ...structs, "struct Element": ["y", "z"] } }),
      { broken: ["Vault, struct Element is in an array and cannot grow: z"], appended: [] },
    ],
    [
      "another member",
      vault({ structs: { ...structs, "struct Free": ["z"] } }),
      { broken: ['Vault, struct Free: "x" is "z" now'], appended: [] },
    ],
    [
      "a struct more",
      vault({ structs: { ...structs, "struct New": ["n"] } }),
      { broken: [], appended: ["Vault, struct New"] },
    ],
    ["a contract less", {}, { broken: ["Vault is gone"], appended: [] }],
    ["a contract more", { ...before, Bank: before.Vault }, { broken: [], appended: ["Bank"] }],
  ];
  for (const [what, now, expected] of CASES) {
    test(`compared with ${what}`, () => assert.deepEqual(compare(before, now), expected));
  }

  test("is one for both halves of the settlement", () => {
    const halves = { EpochSettlement: before.Vault, SettlementControl: before.Vault };
    assert.deepEqual(compare(halves, halves), { broken: [], appended: [] });
    const grown = { ...before.Vault, storage: [...storage, "slot 2: c"] };
    assert.deepEqual(compare(halves, { ...halves, EpochSettlement: grown }).broken, [
      "SettlementControl has another layout than EpochSettlement, on whose storage it runs",
    ]);
  });
});
