import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { buildExplorer } from "#scripts/explorer/bundle.ts";
import { CLIENT, NODES } from "../indexer/support/chain.ts";
import { caughtUp, get, startWorld, until, type World } from "../indexer/support/world.ts";
import { chromiumPath, NO_CHROMIUM, openBrowser, openPage } from "./browser.ts";

/** More than two pages of a list. */
const ACCOUNTS = 120;

describe("lists of the explorer in a browser", { skip: chromiumPath() ? false : NO_CHROMIUM }, () => {
  let world: World;
  let browser: Browser;
  let base: string;
  const closers: (() => Promise<void>)[] = [];

  before(async () => {
    await buildExplorer();
    world = await startWorld();
    base = world.indexer.url.replace("/graphql", "");
    world.chain.block({ changes: [world.chain.pay(CLIENT, 1000n)] });
    world.chain.close();
    await caughtUp(world);
    browser = await openBrowser({ after: (fn) => void closers.push(fn) });
  });
  after(async () => {
    for (const close of closers) await close();
    await world.stop();
  });

  const open = (path: string) => openPage(browser, base + path);

  it("goes through long lists page by page", async () => {
    const { chain } = world;
    const address = (i: number) => `0x${(i + 1).toString(16).padStart(40, "0")}` as const;
    for (let i = 0; i < ACCOUNTS; i++) chain.deposit(address(i), BigInt(i + 1));
    chain.block({});
    await caughtUp(world);
    const { accounts } = await get(world.indexer, "{ accounts(first: 0) { totalCount } }");
    const { page, complaints } = await open("/accounts?sort=address");
    const rows = page.locator("tbody tr");
    const first = rows.first().getByRole("link");
    await page.getByText(`50 of ${accounts.totalCount}`).waitFor();
    assert.equal(await first.getAttribute("href"), `/accounts/${address(0)}`);
    await page.getByRole("button", { name: "Next" }).click();
    await page.locator(`tbody tr:first-child a[href='/accounts/${address(50)}']`).waitFor();
    assert.equal(await rows.count(), 50);
    const there = page.url();
    await page.getByRole("button", { name: "Next" }).click();
    await page.locator(`tbody tr:first-child a[href='/accounts/${address(100)}']`).waitFor();
    assert.equal(await page.getByRole("button", { name: "Next" }).count(), 0);
    await page.getByRole("button", { name: "Back" }).click();
    await page.locator(`tbody tr:first-child a[href='/accounts/${address(50)}']`).waitFor();
    assert.equal(page.url(), there);
    const { page: sent } = await open(there.slice(base.length));
    await sent.locator(`tbody tr:first-child a[href='/accounts/${address(50)}']`).waitFor();
    assert.equal(await sent.getByRole("button", { name: "Back" }).count(), 0);
    await sent.close();
    await page.getByRole("link", { name: "Client", exact: true }).click();
    await until(
      "the role is chosen",
      async () =>
        (await page.getByRole("link", { name: "Client", exact: true }).getAttribute("aria-current")) ===
        "true",
    );
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("puts nodes in the order that a title names, by keyboard too", async () => {
    const { page, complaints } = await open("/nodes");
    const rows = page.locator("tbody tr td:first-child");
    const title = (name: string, way = "") =>
      page.locator(`th${way && `[aria-sort=${way}]`}`, { hasText: name });
    const names = (...ids: number[]) => ids.map((id) => `Node ${id}`);
    await title("Node", "ascending").waitFor();
    assert.deepEqual(await rows.allTextContents(), names(...NODES));
    await title("Score").getByRole("button").click();
    await title("Score", "descending").waitFor();
    assert.deepEqual(await rows.allTextContents(), names(...NODES.toReversed()));
    await page.locator("th button:focus", { hasText: "Score" }).waitFor();
    await page.keyboard.press("Enter");
    await title("Score", "ascending").waitFor();
    assert.deepEqual(await rows.allTextContents(), names(...NODES));
    assert.equal(page.url(), `${base}/nodes?sort=score&way=ascending`);
    for (const name of ["Stake", "Work", "FLK reward"]) {
      await title(name).getByRole("button").press("Space");
      await title(name, "descending").waitFor();
      assert.equal(await page.locator("th[aria-sort]").count(), 1);
      assert.equal(await rows.first().textContent(), name === "Stake" ? "Node 5" : "Node 2");
    }
    await page.goBack();
    await title("Work", "descending").waitFor();
    const { page: sent } = await open("/nodes?sort=reward&way=sideways");
    await sent.locator("th[aria-sort=descending]", { hasText: /^Reward/ }).waitFor();
    await sent.close();
    assert.deepEqual(complaints, []);
    await page.close();
  });
});
