import { shared, useShared } from "../shared.ts";
import { type AnnouncedWallet, discoverWallets } from "./provider.ts";

/** The wallet that is connected, and the account it shows. */
export interface Connected {
  wallet: AnnouncedWallet;
  address: string;
}

export interface WalletState {
  wallets: readonly AnnouncedWallet[];
  connected: Connected | undefined;
}

/** which wallet to ask again after a reload, by its rdns */
const REMEMBERED = "flk.wallet";

const state = shared<WalletState>({ wallets: [], connected: undefined });
let forget: (() => void) | undefined;

function set(change: Partial<WalletState>): void {
  state.set({ ...state.value, ...change });
}

export function useWallets(): WalletState {
  return useShared(state);
}

/** Looks for wallets; one that was connected before is asked without a question. */
export function startWallets(): void {
  discoverWallets((wallets) => {
    set({ wallets });
    const before = sessionStorage.getItem(REMEMBERED);
    const wallet = wallets.find(({ info }) => info.rdns === before);
    if (wallet && !state.value.connected) void connect(wallet, "eth_accounts").catch(() => undefined);
  });
}

/** Asks the wallet for an account. @throws what the wallet answers when its owner refuses */
export async function connect(
  wallet: AnnouncedWallet,
  method: "eth_requestAccounts" | "eth_accounts" = "eth_requestAccounts",
): Promise<string | undefined> {
  const address = firstOf(await wallet.provider.request({ method }));
  disconnect();
  if (address === undefined) return undefined;
  const changed = (accounts: unknown): void => {
    const next = firstOf(accounts);
    if (next === undefined) disconnect();
    else set({ connected: { wallet, address: next } });
  };
  wallet.provider.on?.("accountsChanged", changed);
  forget = () => wallet.provider.removeListener?.("accountsChanged", changed);
  sessionStorage.setItem(REMEMBERED, wallet.info.rdns);
  set({ connected: { wallet, address } });
  return address;
}

export function disconnect(): void {
  forget?.();
  forget = undefined;
  sessionStorage.removeItem(REMEMBERED);
  set({ connected: undefined });
}

function firstOf(accounts: unknown): string | undefined {
  const first: unknown = Array.isArray(accounts) ? accounts[0] : undefined;
  return typeof first === "string" && /^0x[0-9a-fA-F]{40}$/.test(first) ? first.toLowerCase() : undefined;
}
