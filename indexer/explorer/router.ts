import { shared, useShared } from "./shared.ts";

/** Where the page is. */
export interface Place {
  /** parts of the path, decoded: ["nodes", "3"] */
  path: string[];
  query: URLSearchParams;
}

const here = shared(read());

function read(): Place {
  const path = location.pathname.split("/").filter((part) => part !== "");
  return { path: path.map(decode), query: new URLSearchParams(location.search) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // not an encoding of anything: shown as it is
    return part;
  }
}

function tell(): void {
  here.set(read());
}

const INSIDE = { inside: true };

/** Goes to an address of this page. */
export function go(to: string, { replace = false, keepScroll = false } = {}): void {
  if (replace) history.replaceState(history.state, "", to);
  else history.pushState(INSIDE, "", to);
  tell();
  if (!keepScroll) scrollTo(0, 0);
}

/** Whether the place before is one of this page, too: not where somebody was sent a link. */
export function cameFromInside(): boolean {
  return (history.state as typeof INSIDE | null)?.inside === true;
}

export function usePlace(): Place {
  return useShared(here);
}

/** Makes links of this page move inside it. */
export function startRouter(): void {
  addEventListener("popstate", tell);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.dataset.outside !== undefined || link.getAttribute("href")?.startsWith("#")) return;
    event.preventDefault();
    go(link.pathname + link.search);
    document.getElementById("main")?.focus({ preventScroll: true });
  });
}

/** `path` with a query; parts that are undefined are left out. */
export function address(path: string, query: Record<string, string | undefined>): string {
  const entries = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const text = new URLSearchParams(entries).toString();
  return text === "" ? path : `${path}?${text}`;
}

/** The same place with `change` in its query. */
export function within({ path, query }: Place, change: Record<string, string | undefined>): string {
  return address(`/${path.map(encodeURIComponent).join("/")}`, { ...Object.fromEntries(query), ...change });
}
