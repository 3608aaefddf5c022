import assert from "node:assert/strict";
import { test } from "node:test";
import { hostsOnly } from "#protocol/errors/hosts-only.ts";

const CASES: [text: string, shown: string][] = [
  ["no answer from https://l2.example", "no answer from https://l2.example"],
  ["https://l2.example:8545/v2/hidden?key=hidden#hidden", "https://l2.example:8545"],
  ["https://hidden:hidden@l2.example", "https://l2.example"],
  ["https://hidden@hidden:hidden@l2.example, twice", "https://l2.example, twice"],
  ["postgres://hidden:hidden@db.example:5432/hidden", "postgres://db.example:5432"],
  ["POSTGRESQL://hidden:hidden@[2001:db8::1]:5432/hidden", "POSTGRESQL://[2001:db8::1]:5432"],
  ["wss://l2.example?hidden", "wss://l2.example"],
  // where the host ends cannot be told when a password has a slash in it
  ["https://hidden:12/hidden@l2.example", "https://…"],
  ["https://hidden:hidden/hidden", "https://…"],
  ["https://hidden:hid'hidden@l2.example/hidden", "https://l2.example"],
  ['{"url":"https://l2.example/hidden"}', '{"url":"https://l2.example"}'],
  ["URL: https://l2.example/hidden\nRequest body: {}", "URL: https://l2.example\nRequest body: {}"],
  [
    "(https://l2.example/hidden), 'https://l2.example/hidden'.",
    "(https://l2.example), 'https://l2.example'.",
  ],
  ["/ip4/127.0.0.1/tcp/4200 and 1://2", "/ip4/127.0.0.1/tcp/4200 and 1://2"],
];

for (const [text, expected] of CASES) {
  test(`${JSON.stringify(text)} is shown as ${JSON.stringify(expected)}`, () => {
    assert.equal(hostsOnly(text), expected);
  });
}
