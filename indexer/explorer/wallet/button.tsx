import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { plainText, shortHex } from "../format/text.ts";
import { go } from "../router.ts";
import { connect, disconnect, useWallets } from "./connection.ts";
import type { AnnouncedWallet } from "./provider.ts";
import { reasonOf } from "./reason.ts";

export function WalletButton(): JSX.Element {
  const { wallets, connected } = useWallets();
  const dialog = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<string | undefined>();
  const choose = async (wallet: AnnouncedWallet): Promise<void> => {
    setProblem(undefined);
    try {
      const address = await connect(wallet);
      dialog.current?.close();
      if (address) go(`/accounts/${address}`);
    } catch (error) {
      setProblem(reasonOf(error).message);
    }
  };
  if (connected) {
    return (
      <span class="wallet">
        <a class="button" href={`/accounts/${connected.address}`} title={connected.address}>
          <code>{shortHex(connected.address, 4, 4)}</code>
        </a>
        <button type="button" class="quiet" onClick={disconnect}>
          Disconnect
        </button>
      </span>
    );
  }
  return (
    <span class="wallet">
      <button type="button" class="button" onClick={() => dialog.current?.showModal()}>
        Connect wallet
      </button>
      <dialog ref={dialog} aria-label="Choose a wallet">
        <h2>Choose a wallet</h2>
        {wallets.length === 0 ? (
          <p class="empty">
            No wallet has announced itself to this page. Install one for Ethereum, then load the page again.
          </p>
        ) : (
          <ul class="choices">
            {wallets.map((wallet) => (
              <li key={wallet.info.uuid}>
                <button type="button" onClick={() => void choose(wallet)}>
                  {/^data:image\//.test(wallet.info.icon) ? (
                    <img src={wallet.info.icon} alt="" width="24" height="24" />
                  ) : null}
                  {plainText(wallet.info.name)}
                </button>
              </li>
            ))}
          </ul>
        )}
        {problem ? (
          <p class="notice bad" role="alert">
            {problem}
          </p>
        ) : null}
        <form method="dialog">
          <button type="submit" class="quiet">
            Cancel
          </button>
        </form>
      </dialog>
    </span>
  );
}
