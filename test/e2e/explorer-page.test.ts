import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { stringToHex } from "viem";
import { freePort } from "#scripts/bench/support/free-port.ts";
import { CLIENT, OTHER, operatorOf } from "../indexer/support/chain.ts";
import { caughtUp, startWorld, type World } from "../indexer/support/world.ts";
import { chromiumPath, NO_CHROMIUM, newPage } from "./browser.ts";
import { type ExplorerPages, startPages } from "./explorer-pages.ts";

const PHONE = { width: 360, height: 740 };
const HOSTILE = `<img src=x onerror="document.title='owned'">\u202e'"</script>`;
const LENGTH_KEY = stringToHex("epochLengthMs", { size: 32 });

interface Violation {
  id: string;
  nodes: { target: unknown; failureSummary?: string }[];
}

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds, by these rules or by all; the page's policy must be bypassed. */
async function barriersOf(page: Page, rules: string[]): Promise<string[]> {
  await page.evaluate(await readFile(AXE, "utf8"));
  const found = await page.evaluate(async (values) => {
    const { axe } = globalThis as never as {
      axe: { run(options: object): Promise<{ violations: Violation[] }> };
    };
    const { violations } = await axe.run(values.length > 0 ? { runOnly: { type: "rule", values } } : {});
    return violations;
  }, rules);
  return found.map(({ id, nodes }) => {
    const places = nodes.map(({ target, failureSummary }) => `${JSON.stringify(target)} ${failureSummary}`);
    return `${id}: ${places.join("; ")}`;
  });
}

describe("the explorer in a browser", { skip: chromiumPath() ? false : NO_CHROMIUM }, () => {
  let pages: ExplorerPages;
  let world: World;
  let browser: Browser;
  let base: string;

  before(async () => {
    pages = await startPages();
    ({ world, browser, base } = pages);
  });
  after(() => pages.close());

  const open: ExplorerPages["open"] = (path, options) => pages.open(path, options);

  it("says so where there is nothing yet", async () => {
    const { page, complaints } = await open("/");
    await page.getByText("No block yet.").waitFor();
    for (const [path, text] of [
      ["/settlements", "Nothing has been settled yet."],
      ["/blocks", "No block yet."],
      ["/epochs/7", "There is no epoch 7 yet."],
      ["/nodes/99", "There is no node 99."],
      [`/accounts/0x${"99".repeat(20)}`, "This address has paid nothing in"],
      ["/nodes/1/2", "There is no such page."],
      ["/search?q=nothing", "is called"],
      ["/proposals", "Nothing has been proposed yet."],
      [`/transactions/0x${"99".repeat(32)}`, "Neither the protocol chain nor"],
    ] as const) {
      await page.goto(base + path);
      await page.getByText(text).first().waitFor();
    }
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("shows what comes in while it is open", async () => {
    const { page, complaints } = await open("/epochs");
    const { chain } = world;
    chain.deposit(OTHER, 7_000_000n);
    for (let i = 0; i < 3; i++) {
      chain.block({ changes: [chain.pay(CLIENT, 1000n), chain.pay(CLIENT, 500n)] });
      chain.block(i === 0 ? { l2Changes: [chain.seen(OTHER)] } : {});
      chain.close();
    }
    await caughtUp(world);
    await page.getByRole("link", { name: "2", exact: true }).waitFor();
    await page
      .locator("tbody tr", { has: page.locator("a[href='/epochs/2']") })
      .getByText("FINAL")
      .waitFor();
    assert.equal(await page.locator(".verified").count(), 3);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("says loudly what does not agree", async () => {
    const { page } = await open("/epochs/1");
    await page.getByRole("heading", { name: "Epoch 1" }).waitFor();
    assert.equal(await page.getByRole("alert").count(), 0);
    await page.route("**/graphql", async (route) => {
      const response = await route.fetch();
      const text = (await response.text())
        .replace(/"problem":null/g, '"problem":"ERR_TOTALS"')
        .replace(/"verified":true/g, '"verified":false');
      await route.fulfill({ response, body: text });
    });
    await page.goto(`${base}/epochs/1`);
    await page.getByRole("alert").getByText("ERR_TOTALS").waitFor();
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.close();
    const { page: other } = await open("/settlements");
    await other.route("**/graphql", (route) => route.fulfill({ status: 503, body: "down" }));
    await other.getByRole("link", { name: "Nodes" }).click();
    await other.getByRole("alert").getByText("ERR_UNREACHABLE").waitFor();
    await other.close();
  });

  it("shows what strangers wrote as text", async () => {
    const { page, complaints } = await open("/nodes/1");
    await page.route("**/graphql", async (route) => {
      const response = await route.fetch();
      const text = (await response.text()).replace(
        /"endpoints":\[[^\]]*\]/g,
        `"endpoints":[${JSON.stringify(HOSTILE)},"javascript:alert(1)"]`,
      );
      await route.fulfill({ response, body: text });
    });
    await page.goto(`${base}/nodes/1`);
    await page.getByText("javascript:alert(1)").waitFor();
    await page.getByText("<img src=x onerror").waitFor();
    assert.equal(await page.locator("main img").count(), 0);
    assert.equal(await page.locator("a[href^='javascript']").count(), 0);
    assert.match(await page.title(), /^Nodes 1/);
    assert.match((await page.locator("main").textContent()) ?? "", /\\u\{202e\}/);
    assert.deepEqual(complaints, []);
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await page.close();
  });

  it("is used by keyboard alone", async () => {
    const { page } = await open("/");
    await page.keyboard.press("Tab");
    assert.equal(
      await page.evaluate(() => document.activeElement?.textContent?.trim()),
      "Skip to the content",
    );
    await page.keyboard.press("/");
    await page.keyboard.type("node 2");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Node 2" }).waitFor();
    const chart = page.getByRole("slider", { name: "Reward per epoch", exact: true });
    await chart.focus();
    const reading = page.locator("figure", { has: chart }).locator(".reading");
    assert.match((await reading.textContent()) ?? "", /epoch 2$/);
    await page.keyboard.press("ArrowLeft");
    await reading.getByText("epoch 1").waitFor();
    assert.match((await chart.getAttribute("aria-valuetext")) ?? "", /^[\d.,]+ USD, epoch 1$/);
    const flk = page.getByRole("slider", { name: "FLK reward per epoch" });
    assert.match((await flk.getAttribute("aria-valuetext")) ?? "", /^0\.00015 FLK, epoch 2$/);
    assert.equal(await page.getByRole("slider", { name: "Compute per epoch" }).count(), 0);
    await page.keyboard.press("/");
    await page.keyboard.type(operatorOf(2));
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Account" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Node 2" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("2");
    await page.keyboard.press("Enter");
    for (const name of ["Node 2", "Epoch 2", "Block 2"]) await page.getByRole("link", { name }).waitFor();
    await page.close();
  });

  it("goes on to what a search names, also where the search is what was opened", async () => {
    const { page, complaints } = await open("/search?q=node%202");
    await page.getByRole("heading", { name: "Node 2" }).waitFor();
    assert.equal(page.url(), `${base}/nodes/2`);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("counts an epoch down by the length that it opened with", async () => {
    world.l2.emit("parameters", "ParameterSet", { key: LENGTH_KEY, value: 3_600_000n });
    world.chain.block();
    world.chain.close();
    world.chain.block();
    world.l2.emit("parameters", "ParameterSet", { key: LENGTH_KEY, value: 7_200_000n });
    await caughtUp(world);
    const { page } = await open("/");
    assert.equal(await page.getByRole("progressbar", { name: "Epoch" }).getAttribute("max"), "3600000");
    await page.close();
  });

  it("says what is wrong with an amount to those who do not see it, too", async () => {
    const page = await newPage(browser);
    await page.addInitScript((account) => {
      const request = ({ method }: { method: string }) =>
        method.endsWith("ccounts")
          ? Promise.resolve([account])
          : Promise.reject({ code: 4200, message: "no" });
      const info = { uuid: "1", name: "Test", icon: "", rdns: "a.wallet" };
      addEventListener("eip6963:requestProvider", () =>
        dispatchEvent(
          new CustomEvent("eip6963:announceProvider", { detail: { info, provider: { request } } }),
        ),
      );
    }, CLIENT);
    await page.goto(`${base}/accounts/${CLIENT}`);
    await page.getByRole("button", { name: "Connect wallet" }).click();
    await page.getByRole("dialog").getByRole("listitem").first().getByRole("button").click();
    const field = page.getByRole("textbox", { name: "Withdraw" });
    // it is there once the page knows how much there is
    await page.getByRole("button", { name: "All", exact: true }).waitFor();
    await field.fill("999999999");
    await page.getByRole("alert").getByText("That is more than there is.").waitFor();
    const said = await field.getAttribute("aria-describedby");
    assert.equal(await page.locator(`[id="${said}"]`).textContent(), "That is more than there is.");
    await field.fill("0.5");
    await page.getByRole("alert").waitFor({ state: "detached" });
    assert.equal(await field.getAttribute("aria-describedby"), null);
    await page.close();
  });

  const PAGES = [
    "/",
    "/nodes",
    "/nodes/2",
    "/accounts",
    `/accounts/${operatorOf(2)}`,
    "/epochs/1",
    "/settlements/1",
    "/blocks",
    "/parameters",
    "/proposals",
  ];

  for (const colorScheme of ["light", "dark"] as const) {
    it(`has no barrier that axe knows, and fits a phone, in the ${colorScheme}`, async () => {
      const { page, complaints } = await open("/", { colorScheme, viewport: PHONE, bypassCSP: true });
      for (const path of PAGES) {
        await page.goto(base + path);
        await page.locator("main .page h1").waitFor({ state: "attached" });
        await page.locator(".loading").waitFor({ state: "detached" });
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= PHONE.width, `${path} is ${width} wide`);
        // in the dark only colours are others
        assert.deepEqual(await barriersOf(page, colorScheme === "dark" ? ["color-contrast"] : []), [], path);
      }
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }

  it("says what a wallet refuses, and where there is none", async () => {
    const { page: bare } = await open("/");
    await bare.getByRole("button", { name: "Connect wallet" }).click();
    await bare.getByText("No wallet has announced itself").waitFor();
    await bare.keyboard.press("Escape");
    await bare.getByRole("dialog").waitFor({ state: "hidden" });
    await bare.close();
    const page = await newPage(browser, { bypassCSP: true });
    await page.addInitScript((name) => {
      const refuse = () => Promise.reject({ code: 4001, message: "no" });
      const info = { uuid: "1", name, icon: "javascript:alert(1)", rdns: "a.wallet" };
      const detail = { info, provider: { request: refuse } };
      const odd = [
        undefined,
        {},
        { info: { uuid: 1 }, provider: { request: refuse } },
        { info, provider: {} },
      ];
      addEventListener("eip6963:requestProvider", () => {
        for (const each of [...odd, detail, detail]) {
          dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail: each }));
        }
      });
    }, HOSTILE);
    await page.goto(base);
    await page.getByRole("button", { name: "Connect wallet" }).click();
    const dialog = page.getByRole("dialog");
    const wallets = dialog.getByRole("listitem");
    await wallets.first().waitFor();
    assert.equal(await wallets.count(), 1);
    assert.equal(await dialog.locator("img").count(), 0);
    await wallets.first().getByRole("button").click();
    await dialog.getByRole("alert").getByText("You refused it in the wallet.").waitFor();
    assert.deepEqual(await barriersOf(page, []), []);
    await page.close();
  });

  it("says when it is not live, and goes on by itself once the indexer is back", async () => {
    const again = await startWorld({}, { port: await freePort() });
    const page = await newPage(browser);
    await page.goto(again.indexer.url.replace("/graphql", "/blocks"));
    await page.getByText("Live", { exact: true }).waitFor();
    await again.indexer.stop();
    await page.getByText("Not live: connecting").waitFor();
    again.chain.block({});
    await again.indexer.start();
    await page.locator("tbody a[href='/blocks/0']").waitFor();
    await page.getByText("Live", { exact: true }).waitFor();
    await page.close();
    await again.stop();
  });
});
