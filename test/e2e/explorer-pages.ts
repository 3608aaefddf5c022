import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { buildExplorer } from "#scripts/explorer/bundle.ts";
import { startWorld, type World } from "../indexer/support/world.ts";
import { openBrowser, openPage } from "./browser.ts";

/** The explorer of an indexer over made chains, and a browser to look at it with. */
export interface ExplorerPages {
  world: World;
  browser: Browser;
  base: string;
  /** `path`: beginning with a slash */
  open(path: string, options?: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }>;
  close(): Promise<void>;
}

export async function startPages(): Promise<ExplorerPages> {
  await buildExplorer();
  const world = await startWorld();
  const base = world.indexer.url.replace("/graphql", "");
  const closers: (() => Promise<void>)[] = [];
  const browser = await openBrowser({ after: (fn) => void closers.push(fn) });
  return {
    ...{ world, browser, base },
    open: (path, options) => openPage(browser, base + path, options),
    close: async () => {
      for (const close of closers) await close();
      await world.stop();
    },
  };
}
