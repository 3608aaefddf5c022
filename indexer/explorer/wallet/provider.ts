/** What a wallet offers (EIP-1193). */
export interface Provider {
  request(call: { method: string; params?: unknown }): Promise<unknown>;
  on?(event: string, listener: (value: unknown) => void): void;
  removeListener?(event: string, listener: (value: unknown) => void): void;
}

/** A wallet as it announces itself (EIP-6963). All of it is its own word. */
export interface AnnouncedWallet {
  info: { uuid: string; name: string; icon: string; rdns: string };
  provider: Provider;
}

const MAX_WALLETS = 20;

/** Collects the wallets that announce themselves, and tells when there is another. */
export function discoverWallets(changed: (wallets: readonly AnnouncedWallet[]) => void): void {
  const wallets: AnnouncedWallet[] = [];
  addEventListener("eip6963:announceProvider", (event) => {
    const wallet = read((event as CustomEvent<unknown>).detail);
    if (!wallet || wallets.length >= MAX_WALLETS) return;
    if (wallets.some(({ info }) => info.uuid === wallet.info.uuid)) return;
    wallets.push(wallet);
    changed([...wallets]);
  });
  dispatchEvent(new Event("eip6963:requestProvider"));
}

function read(detail: unknown): AnnouncedWallet | undefined {
  if (typeof detail !== "object" || detail === null) return undefined;
  const { info, provider } = detail as Partial<AnnouncedWallet>;
  if (typeof provider?.request !== "function") return undefined;
  const texts = [info?.uuid, info?.name, info?.icon, info?.rdns];
  if (!texts.every((text) => typeof text === "string")) return undefined;
  return { info, provider } as AnnouncedWallet;
}
