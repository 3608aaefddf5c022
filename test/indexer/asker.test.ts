import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { countedAs } from "#indexer/api/asker.ts";

describe("who limits count", () => {
  for (const [address, asker] of [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:2::6", "2001:db8:1:2::/64"],
    ["2001:db8::6", "2001:db8:0:0::/64"],
    ["2001:db8::1:2:3:4:5", "2001:db8:0:1::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["64:ff9b::192.0.2.1", "64:ff9b:0:0::/64"],
    ["no address", "no address"],
    ["", ""],
  ] as const) {
    it(`are ${asker} for ${address}`, () => assert.equal(countedAs(address), asker));
  }
});
