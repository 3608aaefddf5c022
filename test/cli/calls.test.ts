import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { decodeFunctionData } from "viem";
import { isUsageError } from "#cli/errors.ts";
import { describeCall, encodeCall } from "#cli/governance/calls.ts";
import { readProposalFile } from "#cli/governance/proposal-file.ts";
import { table } from "#cli/io/table.ts";
import { clientVaultAbi } from "#protocol/abi/ClientVault.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { flkAbi } from "#protocol/abi/FLK.ts";
import { serviceRegistryAbi } from "#protocol/abi/ServiceRegistry.ts";
import { CONTRACTS, temporaryFolder } from "./support.ts";

const address = (n: number) => `0x${String(n).padStart(40, "0")}` as const;
const contracts = {
  ...CONTRACTS,
  flk: address(1),
  vault: address(2),
  settlement: address(3),
  services: address(4),
  access_manager: undefined,
};

describe("a call of a proposal", () => {
  test("is encoded by the contract's ABI, from words or from JSON", () => {
    const minimum = encodeCall(contracts, { call: "vault.setMinDeposit", args: ["20000"] });
    assert.deepEqual([minimum.target, minimum.value], [contracts.vault, 0n]);
    assert.deepEqual(decodeFunctionData({ abi: clientVaultAbi, data: minimum.data }), {
      functionName: "setMinDeposit",
      args: [20_000n],
    });
    const delays = { escapeDelay: 600, exitWindow: "300", recoveryDelay: 900 };
    for (const given of [delays, JSON.stringify(delays)]) {
      const { data } = encodeCall(contracts, { call: "settlement.setDelays", args: [given] });
      assert.deepEqual(decodeFunctionData({ abi: epochSettlementAbi, data }).args, [
        { escapeDelay: 600, exitWindow: 300, recoveryDelay: 900 },
      ]);
    }
    const owner = address(9);
    const args = [owner, "flk:x", '["1", 2]'];
    const service = encodeCall(contracts, { call: "services.registerFor", args, value: 7n });
    const decoded = decodeFunctionData({ abi: serviceRegistryAbi, data: service.data });
    assert.deepEqual(decoded.args, [owner, "flk:x", [1n, 2n]]);
    assert.equal(
      describeCall(contracts, service),
      `services.registerFor("${owner}", "flk:x", ["1","2"]) with 7 wei`,
    );
  });

  test("is told apart from one of the same name by its types", () => {
    const v = ["27", `0x${"11".repeat(32)}`, `0x${"22".repeat(32)}`];
    const args = [address(5), `0x${"33".repeat(32)}`, ...v];
    const { data } = encodeCall(contracts, { call: "flk.cancelAuthorization", args });
    assert.equal(decodeFunctionData({ abi: flkAbi, data }).args?.length, 5);
    const call = "flk.cancelAuthorization(address,bytes32,bytes)";
    const short = encodeCall(contracts, { call, args: [...args.slice(0, 2), "0x1234"] });
    assert.equal(decodeFunctionData({ abi: flkAbi, data: short.data }).args?.length, 3);
  });

  test("of nothing that is known is shown as it is", () => {
    const call = { target: address(8), value: 0n, data: "0x12345678" } as const;
    assert.equal(describeCall(contracts, call), `${address(8)} 0x12345678`);
    assert.equal(describeCall(contracts, { ...call, target: contracts.vault }), "vault 0x12345678");
  });

  const WRONG: [call: string, args: unknown[], message: RegExp][] = [
    ["vault", [], /^not a call: vault/],
    ["bank.setMinDeposit", ["1"], /^there is no contract bank; there are flk, parameters/],
    ["toString.call", ["1"], /^there is no contract toString/],
    [
      "vault.setMinimum",
      ["1"],
      /^vault has no function setMinimum that changes state; it has .*setMinDeposit\(uint256\)/,
    ],
    ["vault.minDeposit", [], /^vault has no function minDeposit that changes state/],
    [
      "vault.setMinDeposit",
      [],
      /^vault\.setMinDeposit takes other arguments than 0: setMinDeposit\(uint256\)/,
    ],
    ["vault.setMinDeposit", ["1e3"], /^vault\.setMinDeposit: amount \(uint256\) must be a whole number/],
    ["vault.setMinDeposit", [1.5], /must be a whole number/],
    ["vault.setMinDeposit", ["-1"], /must be in the range of its type/],
    ["vault.pauseFor", ["4294967296"], /\(uint32\) must be in the range of its type/],
    ["vault.setAuthority", ["0x12"], /\(address\) must be an address/],
    ["vault.upgradeToAndCall", [address(1), "12"], /\(bytes\) must be 0x and hex digits/],
    ["vault.upgradeToAndCall", [address(1), 12], /\(bytes\) must be a text/],
    ["staking.setParticipation", ["1", "maybe"], /\(bool\) must be true or false/],
    ["staking.rotateNetworkKey", ["1", "0x1234"], /\(bytes32\) must be 0x and hex digits/],
    ["services.registerFor", [address(1), "x", "[1"], /prices is not JSON: \[1/],
    ["services.registerFor", [address(1), "x", "1"], /prices \(uint64\[\]\) must be a JSON list/],
    ["services.registerFor", [address(1), "x", ["y"]], /prices\[0\] \(uint64\) must be a whole number/],
    [
      "settlement.setDelays",
      ["[]"],
      /\(tuple\) must be a JSON object of escapeDelay, exitWindow, recoveryDelay/,
    ],
    ["settlement.setDelays", [{ escape: 1 }], /\.escape is no field; there are escapeDelay/],
    ["settlement.setDelays", [{ escapeDelay: 1 }], /\.exitWindow \(uint32\) must be a whole number/],
  ];
  for (const [call, args, message] of WRONG) {
    test(`${call} with ${JSON.stringify(args)} is ERR_CALL and says what is wrong`, () => {
      assert.throws(
        () => encodeCall(contracts, { call, args }),
        (error: Error & { code?: string }) =>
          error.code === "ERR_CALL" && isUsageError(error) && message.test(error.message),
      );
    });
  }

  test("of a contract that the configuration does not name is ERR_CONFIG", () => {
    assert.throws(() => encodeCall(contracts, { call: "access_manager.labelRole", args: ["2", "X"] }), {
      code: "ERR_CONFIG",
      message: /^l2\.contracts\.access_manager is missing/,
    });
  });
});

test("a proposal's file is a list of calls, and everything else in it is refused", async (t) => {
  const path = join(await temporaryFolder(t), "proposal.json");
  const read = async (content: unknown) => {
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
    return readProposalFile(path);
  };
  const call = "vault.unpause";
  assert.deepEqual(await read({ description: "d", calls: [{ call }, { call, args: [1], value: "5" }] }), {
    description: "d",
    calls: [
      { call, args: [], value: 0n },
      { call, args: [1], value: 5n },
    ],
  });
  const wrong: [content: unknown, message: RegExp][] = [
    ["{", /cannot be read as JSON/],
    [[], /calls must be a list/],
    [{ calls: [] }, /calls must be a list with an entry/],
    [{ description: 1, calls: [{ call }] }, /description must be a text/],
    [{ calls: [{}] }, /calls\[0\]\.call must be a text/],
    [{ calls: [{ call, args: "1" }] }, /calls\[0\]\.args must be a list/],
    [{ calls: [{ call, value: 1 }] }, /calls\[0\]\.value must be a decimal string/],
  ];
  for (const [content, message] of wrong) {
    await assert.rejects(read(content), { code: "ERR_PROPOSAL_FILE", message });
  }
  await assert.rejects(readProposalFile(`${path}.none`), { code: "ERR_PROPOSAL_FILE" });
});

test("rows are columns under a heading on a terminal, and tab-separated lines in a pipe", () => {
  const rows = [
    ["1", "long text"],
    ["22", "x"],
  ];
  assert.deepEqual(table(["ID", "TEXT"], rows, true), ["ID  TEXT", "1   long text", "22  x"]);
  assert.deepEqual(table(["ID", "TEXT"], rows, false), ["1\tlong text", "22\tx"]);
});
