import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import {
  createPublicClient,
  createWalletClient,
  type Hex,
  http,
  numberToHex,
  type TypedDataDefinition,
  type WalletClient,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { anvil } from "viem/chains";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** What a test says that has no browser. */
export const NO_CHROMIUM = "no Chromium is installed (apt-get install chromium)";

export function chromiumPath(): string | undefined {
  return [process.env.CHROMIUM_PATH ?? "", ...PLACES].find((path) => path !== "" && existsSync(path));
}

/** The installed Chromium; closed after the test. */
export async function openBrowser(t: { after(fn: () => Promise<void>): void }): Promise<Browser> {
  const executablePath = chromiumPath();
  if (!executablePath) throw new Error(NO_CHROMIUM);
  // as root, as in containers, Chromium has no sandbox to offer
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({ executablePath, args });
  t.after(() => browser.close());
  return browser;
}

/** ms, for a machine that has much else to do */
export const PATIENCE = 60_000;

/** An empty page. */
export async function newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(PATIENCE);
  return page;
}

/** A page of the explorer, once it shows something, and everything that it complains of. */
export async function openPage(
  browser: Browser,
  url: string,
  options?: BrowserContextOptions,
): Promise<{ page: Page; complaints: string[] }> {
  const page = await newPage(browser, options);
  const complaints = complaintsOf(page);
  await page.goto(url);
  await page.locator("main .page").first().waitFor();
  return { page, complaints };
}

/** Everything that a page complained of: scripts that failed, and what its policy or the server refused. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  return complaints;
}

interface Call {
  method: string;
  params?: unknown[];
}

/**
 * Announces a wallet to every page of `page` (EIP-6963). Its key stays in this process; what the page may not reach itself, the L2 included,
 * is answered from here.
 */
export async function injectWallet(page: Page, options: { rpcUrl: string; key: Hex }): Promise<WalletClient> {
  const account = privateKeyToAccount(options.key);
  const common = { chain: anvil, transport: http(options.rpcUrl) };
  const wallet = createWalletClient({ ...common, account });
  const reader = createPublicClient(common);
  const answer = async ({ method, params = [] }: Call): Promise<unknown> => {
    if (method === "eth_requestAccounts" || method === "eth_accounts") return [account.address];
    if (method === "eth_chainId") return numberToHex(anvil.id);
    if (method === "eth_signTypedData_v4") {
      return account.signTypedData(JSON.parse(String(params[1])) as TypedDataDefinition);
    }
    if (method !== "eth_sendTransaction") return reader.request({ method, params } as never);
    const { to, data, gas } = params[0] as { to: Hex; data: Hex; gas: Hex };
    return wallet.sendTransaction({ to, data, gas: BigInt(gas) });
  };
  await page.exposeFunction("testWallet", answer);
  await page.addInitScript(() => {
    const detail = Object.freeze({
      info: { uuid: "1", name: "Test wallet", icon: "data:image/svg+xml,<svg/>", rdns: "test.wallet" },
      provider: {
        request: (call: unknown) =>
          (globalThis as never as { testWallet(c: unknown): unknown }).testWallet(call),
      },
    });
    const announce = () => dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
    addEventListener("eip6963:requestProvider", announce);
    announce();
  });
  return wallet;
}
