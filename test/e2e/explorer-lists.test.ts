import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { CLIENT, NODES } from "../indexer/support/chain.ts";
import { caughtUp, get, until, type World } from "../indexer/support/world.ts";
import { chromiumPath, complaintsOf, NO_CHROMIUM, newPage } from "./browser.ts";
import { type ExplorerPages, startPages } from "./explorer-pages.ts";

/** More than two pages of a list. */
const ACCOUNTS = 120;
const MANY = 1_000_000;

/** What the API answers of a million nodes. */
function manyNodes({ first, after }: { first: number; after: string | null }): object {
  const from = Number(after ?? 0);
  const nodes = Array.from({ length: Math.min(first, MANY - from) }, (_, i) => ({
    ...{ id: from + i + 1, owner: CLIENT, stake: "1", thawing: "0", slashed: "0", optedIn: true },
    ...{ reputation: 50, units: "2500000", rewardStable: "1250000", rewardFlk: "0", epochs: { nodes: [] } },
  }));
  const end = from + nodes.length;
  return {
    nodes: { totalCount: MANY, pageInfo: { hasNextPage: end < MANY, endCursor: String(end) }, nodes },
  };
}

describe("lists of the explorer in a browser", { skip: chromiumPath() ? false : NO_CHROMIUM }, () => {
  let pages: ExplorerPages;
  let world: World;
  let browser: Browser;
  let base: string;

  before(async () => {
    pages = await startPages();
    ({ world, browser, base } = pages);
    world.chain.block({ changes: [world.chain.pay(CLIENT, 1000n)] });
    world.chain.unpaid.push({
      service: 0,
      commodity: 1,
      units: 3_400n,
      deliveries: 1,
      lanes: 1,
      revenue: 0n,
    });
    world.chain.close();
    await caughtUp(world);
  });
  after(() => pages.close());

  const open: ExplorerPages["open"] = (path) => pages.open(path);

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
    for (const name of ["Stake", "Bandwidth", "FLK reward"]) {
      await title(name).getByRole("button").press("Space");
      await title(name, "descending").waitFor();
      assert.equal(await page.locator("th[aria-sort]").count(), 1);
      assert.equal(await rows.first().textContent(), name === "Stake" ? "Node 5" : "Node 2");
    }
    await page.goBack();
    await title("Bandwidth", "descending").waitFor();
    const row = rows.first().locator("..");
    assert.match((await row.textContent()) ?? "", /3,400/);
    await row.getByRole("link", { name: "Node 2" }).click();
    const compute = page.getByRole("slider", { name: "Compute per epoch" });
    await compute.waitFor();
    assert.equal(await compute.getAttribute("aria-valuetext"), "3,400 ms, epoch 0");
    const { page: sent } = await open("/nodes?sort=reward&way=sideways");
    await sent.locator("th[aria-sort=descending]", { hasText: /^Reward/ }).waitFor();
    await sent.close();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("holds one page of a million rows, however far one goes", async () => {
    const page = await newPage(browser);
    const complaints = complaintsOf(page);
    await page.route("**/graphql", async (route) => {
      const { query, variables } = route.request().postDataJSON();
      if (query.startsWith("query Nodes(")) await route.fulfill({ json: { data: manyNodes(variables) } });
      else await route.continue();
    });
    await page.goto(`${base}/nodes`);
    const rows = page.locator("tbody tr");
    const next = page.getByRole("button", { name: "Next" });
    const elements = () => page.evaluate(() => document.querySelectorAll("*").length);
    let atSecond = Number.POSITIVE_INFINITY;
    for (let number = 1; number < 10; number++) {
      await rows
        .first()
        .getByRole("link", { name: `Node ${50 * (number - 1) + 1}`, exact: true })
        .waitFor();
      await page.getByText("50 of 1,000,000").waitFor();
      assert.match((await rows.first().textContent()) ?? "", /2\.5 MB.*1\.25/, "a node's own figures");
      assert.equal(await rows.count(), 50);
      if (number === 2) atSecond = await elements();
      assert.ok((await elements()) < atSecond + 20, `page ${number} holds more than those before it`);
      await next.click();
    }
    await page.goto(`${base}/nodes?after=${MANY - 50}`);
    await rows
      .last()
      .getByRole("link", { name: `Node ${MANY}`, exact: true })
      .waitFor();
    assert.equal(await rows.count(), 50);
    assert.equal(await next.count(), 0);
    assert.deepEqual(complaints, []);
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.close();
  });
});
