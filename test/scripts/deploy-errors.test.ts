import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { HttpRequestError } from "viem";
import { isFlkError } from "#protocol/errors/error.ts";
import { deployError, deployFailure } from "#scripts/deploy/errors.ts";

const NO_HOST = "the L2, whose URL names no host";

test("what a deployment failed of is told, and of URLs the host alone", () => {
  const url = "http://user:hidden1@l2.example:8545/v2/hidden2?key=hidden3";
  const ws = "wss://l2.example/hidden4";
  const cases: [rpcUrl: string, cause: unknown, message: string][] = [
    [
      url,
      new Error(`cannot ask ${url}, nor ${ws}`),
      "the L2 at l2.example:8545: cannot ask l2.example:8545, nor wss://l2.example",
    ],
    [url, new HttpRequestError({ url }), "the L2 at l2.example:8545: HTTP request failed."],
    [url, `refused by ${url}`, "the L2 at l2.example:8545: refused by l2.example:8545"],
    [
      url,
      new Error("http://other:hidden5@l3.example/hidden6"),
      "the L2 at l2.example:8545: http://l3.example",
    ],
    [
      "l2.example/hidden",
      new Error("Failed to parse URL from l2.example/hidden"),
      `${NO_HOST}: Failed to parse URL from its URL`,
    ],
    ["localhost:8545/hidden", new Error("unknown scheme"), `${NO_HOST}: unknown scheme`],
    ["", new Error("Invalid URL"), `${NO_HOST}: Invalid URL`],
  ];
  for (const [rpcUrl, cause, message] of cases) {
    const failure = deployFailure(rpcUrl, cause);
    assert.ok(isFlkError(failure, "ERR_DEPLOY"));
    assert.equal(failure.message, message);
    assert.doesNotMatch(inspect(failure.data), /hidden/);
  }
  const coded = deployError("ERR_DEPLOY_CHAIN", "another chain");
  assert.equal(deployFailure("none", coded), coded);
});
