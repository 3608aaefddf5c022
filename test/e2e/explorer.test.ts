import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import {
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  keccak256,
  numberToHex,
  parseEther,
  toHex,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { anvil } from "viem/chains";
import { ownerAddress } from "#cli/actions/keys.ts";
import { resolveHome } from "#cli/config/home.ts";
import { activateDue } from "#client/actions/activate.ts";
import type { Contracts, L2Client } from "#client/actions/l2-client.ts";
import { createFlkClient } from "#client/client.ts";
import { mockUsdAbi } from "#protocol/abi/MockUSD.ts";
import { buildExplorer } from "#scripts/explorer/bundle.ts";
import { until } from "../indexer/support/world.ts";
import {
  chromiumPath,
  complaintsOf,
  injectWallet,
  NO_CHROMIUM,
  newPage,
  openBrowser,
  PATIENCE,
} from "./browser.ts";
import { content, devnet, temporary } from "./support.ts";

const L2 = "http://127.0.0.1:28545";
const PAGE = "http://127.0.0.1:24000";
const KEY: Hex = keccak256(toHex("explorer"));
const USD = 1_000_000n;
/** ms, for what takes an epoch or two */
const EPOCHS = 120_000;

test("in a browser, on a running network: everything moves by itself, and a wallet tops up, withdraws and claims", {
  skip: chromiumPath() ? false : NO_CHROMIUM,
}, async (t) => {
  await buildExplorer();
  const root = await temporary(t);
  const dir = join(root, "net");
  const args = ["--nodes", "4", "--clients", "1", "--epoch-seconds", "15", "--content", await content(root)];
  const { child, ended, stderrHas } = devnet(args, dir);
  t.after(() => void child.kill("SIGKILL"));
  const browser = await openBrowser(t);
  await stderrHas(/7\/7 running; explorer at http:\/\/127\.0\.0\.1:24000\//);
  const page = await newPage(browser);
  const complaints = complaintsOf(page);
  const wallet = await injectWallet(page, { rpcUrl: L2, key: KEY });
  await fund(dir, wallet.account?.address as Hex);

  await t.test("blocks arrive on the overview", () => watchBlocks(page));
  await t.test("the wallet connects and tops up", () => topUp(page, wallet.account?.address as Hex));
  await t.test("a balance falls while content is delivered", () => watchBalanceFall(page));
  await t.test("the wallet withdraws and claims", () => withdrawAndClaim(page, dir));
  await t.test("an epoch is shown as final and verified, with who signed it", () => lookAtSettlement(page));
  assert.deepEqual(complaints, []);
  child.kill("SIGINT");
  assert.equal((await ended).code, 0);
});

const common = { chain: anvil, transport: http(L2), pollingInterval: 100 };
const l2 = createPublicClient(common);
const own = createWalletClient({ ...common, account: privateKeyToAccount(KEY) });

function setGas(address: Hex, value: bigint): Promise<unknown> {
  return l2.request({ method: "anvil_setBalance", params: [address, numberToHex(value)] } as never);
}

async function contractsOf(dir: string): Promise<Contracts> {
  return (JSON.parse(await readFile(join(dir, "deployment.json"), "utf8")) as { contracts: Contracts })
    .contracts;
}

/** Gas and 500 USD. */
async function fund(dir: string, to: Hex): Promise<void> {
  const contracts = await contractsOf(dir);
  await setGas(to, parseEther("10"));
  const hash = await own.writeContract({
    address: contracts.stable,
    abi: mockUsdAbi,
    functionName: "mint",
    args: [to, 500n * USD],
  });
  await l2.waitForTransactionReceipt({ hash });
}

const tile = (page: Page, name: string) =>
  page
    .locator(".tile", { has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) })
    .locator("dd")
    .first();

/** Resolves with the text once it is as wanted. */
async function becomes(page: Page, name: string, wanted: RegExp, timeout = PATIENCE): Promise<void> {
  await tile(page, name).filter({ hasText: wanted }).waitFor({ timeout });
}

async function watchBlocks(page: Page): Promise<void> {
  await page.goto(PAGE);
  const newest = page.locator("section[aria-label='Newest blocks'] tbody tr td").first();
  const height = Number(await newest.textContent());
  await page.waitForFunction(
    (before) =>
      Number(document.querySelector("section[aria-label='Newest blocks'] tbody td")?.textContent) >
      before + 2,
    height,
  );
  await page.getByText("Live", { exact: true }).waitFor();
  assert.equal(await tile(page, "Nodes").textContent(), "4");
  await page.getByText(/ends in \d+ s/).waitFor();
}

async function topUp(page: Page, address: Hex): Promise<void> {
  await page.getByRole("button", { name: "Connect wallet" }).click();
  await page.getByRole("button", { name: "Test wallet" }).click();
  await page.waitForURL(`${PAGE}/accounts/${address.toLowerCase()}`);
  const panel = page.getByRole("region", { name: "Your account" });
  await panel.getByText("500.00").waitFor();
  const field = panel.getByRole("textbox", { name: /Top up/ });
  await field.fill("500.000001");
  await panel.getByText("That is more than there is.").waitFor();
  await field.fill("20.5");
  await panel.getByRole("button", { name: "Top up" }).click();
  await panel.getByText("Paid in. It counts once").waitFor();
  await panel.getByText("479.50").waitFor();
  await becomes(page, "Balance", /^20\.50\s*USD$/);
}

async function watchBalanceFall(page: Page): Promise<void> {
  await page.goto(`${PAGE}/accounts?role=CLIENT`);
  // the richest first: its client fetches all the time
  await page.locator("tbody tr").first().getByRole("link").click();
  await page.getByRole("heading", { name: "Account", exact: true }).waitFor();
  const read = async (): Promise<number> =>
    Number.parseFloat((await tile(page, "Balance").textContent()) ?? "");
  const before = await read();
  await page.waitForFunction((known) => {
    const shown = [...document.querySelectorAll(".tile")].find(
      (each) => each.querySelector("dt")?.textContent === "Balance",
    );
    return Number.parseFloat(shown?.querySelector("dd")?.textContent ?? "") < known;
  }, before);
  assert.ok((await read()) < before);
}

/** The network's keeper would claim for this account, too: without gas it does not, and settlements become active from here. */
async function withdrawAndClaim(page: Page, dir: string): Promise<void> {
  const contracts = await contractsOf(dir);
  await setGas(await ownerAddress(resolveHome(join(dir, "keeper"))), 0n);
  const node = createFlkClient({
    rpcUrl: `${PAGE}/rpc`,
    chainId: anvil.id,
    settlement: contracts.settlement,
  });
  // after a load of the page the wallet is still connected
  await page.locator(".wallet a").click();
  const panel = page.getByRole("region", { name: "Your account" });
  const field = panel.getByRole("textbox", { name: /Withdraw/ });
  await field.fill("5.25");
  await panel.getByRole("button", { name: "Withdraw" }).click();
  await panel.getByText("Withdrawn from the balance.").waitFor();
  await becomes(page, "Balance", /^15\.25\s*USD$/);
  const activate = async (): Promise<boolean> => {
    await activateDue(node, { public: l2 as L2Client["public"], wallet: own, contracts });
    return (await tile(page, "Claimable").textContent()) === "5.25USD";
  };
  await until("the withdrawal can be claimed", activate, EPOCHS);
  await panel.getByRole("button", { name: "Claim" }).click();
  await panel.getByText("Paid 5.25 USD and 0 FLK.").waitFor();
  await panel.getByText("484.75").waitFor();
  await becomes(page, "Claimable", /^0\.00\s*USD$/);
}

async function lookAtSettlement(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Settlements" }).click();
  await page.locator("tbody a[href='/settlements/0']").click();
  await page.getByRole("heading", { name: "Settlement of epoch 0" }).waitFor();
  await page.getByText("FINAL", { exact: true }).waitFor();
  await page.getByText("the one that was settled").waitFor();
  await page.getByText(/^[34] of 4, 3 needed$/).waitFor();
}
