import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { serverAudits } from "graphql-http";
import { startWorld, type World } from "./support/world.ts";

describe("GraphQL over HTTP, by the audits of graphql-http", () => {
  let world: World;

  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  // the URL is known once the world runs: audits ask for it when they do
  const audits = serverAudits({ url: () => world.indexer.url, fetchFn: fetch });

  it("are there", () => assert.ok(audits.filter(({ name }) => name.startsWith("MUST")).length >= 13));

  for (const audit of audits) {
    it(`${audit.id}: ${audit.name}`, async () => {
      const result = await audit.fn();
      const reason = "reason" in result ? result.reason : "";
      if (!audit.name.startsWith("MAY")) assert.equal(result.status, "ok", reason);
    });
  }
});
