import type { JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { exactAmount, FLK_DECIMALS, parseAmount, USD_DECIMALS, usdText } from "../format/amount.ts";
import { Usd } from "../parts/amount.tsx";
import type { AccountDetail } from "../queries/accounts.ts";
import type { MoneyActions, Tell } from "./actions.ts";
import { type Connected, useWallets } from "./connection.ts";
import { readNetwork } from "./network.ts";
import { reasonOf } from "./reason.ts";

interface Props {
  address: string;
  account: AccountDetail | undefined;
}

/** What the connected wallet can do with the account that is shown. */
export function WalletPanel({ address, account }: Props): JSX.Element | null {
  const { connected } = useWallets();
  if (!connected) return null;
  const own = connected.address === address;
  const owed = account && (BigInt(account.claimableStable) > 0n || BigInt(account.claimableFlk) > 0n);
  if (!own && !owed) return null;
  return (
    <Panel key={connected.address} connected={connected} own={own} address={address} account={account} />
  );
}

type Loaded = { actions: MoneyActions } | { problem: string } | undefined;

function useActions({ wallet, address }: Connected): Loaded {
  const [loaded, setLoaded] = useState<Loaded>();
  useEffect(() => {
    const load = async (): Promise<MoneyActions> => {
      const [network, { createMoneyActions }] = await Promise.all([readNetwork(), import("./actions.ts")]);
      return createMoneyActions(wallet.provider, address as `0x${string}`, network);
    };
    load().then(
      (actions) => setLoaded({ actions }),
      (error: unknown) => setLoaded({ problem: reasonOf(error).message }),
    );
  }, [wallet, address]);
  return loaded;
}

function Panel(props: Props & { connected: Connected; own: boolean }): JSX.Element {
  const { connected, own, address, account } = props;
  const loaded = useActions(connected);
  const [held, setHeld] = useState<bigint | undefined>();
  const actions = loaded && "actions" in loaded ? loaded.actions : undefined;
  const balance = account ? BigInt(account.balance) : 0n;
  const refresh = (): void => {
    actions?.held().then(setHeld, () => setHeld(undefined));
  };
  useEffect(refresh, [actions, account?.deposits, account?.claimedStable]);
  return (
    <section class="panel" aria-label={own ? "Your account" : "Claim for this account"}>
      <header>
        <h2>{own ? "Your account" : "Anyone may claim for anyone"}</h2>
        {own ? (
          <p class="held">In the wallet: {held === undefined ? "…" : <Usd value={held.toString()} />}</p>
        ) : null}
      </header>
      {loaded && "problem" in loaded ? (
        <p class="notice bad" role="alert">
          {loaded.problem}
        </p>
      ) : null}
      {actions ? (
        <div class="forms">
          {own ? (
            <AmountForm
              name="Top up"
              most={held}
              run={actions.topUp}
              done="Paid in. It counts once its L2 block is final."
              after={refresh}
            />
          ) : null}
          {own ? (
            <AmountForm
              name="Withdraw"
              most={balance}
              run={actions.withdraw}
              done="Withdrawn from the balance. It can be claimed once this epoch is final."
              after={refresh}
            />
          ) : null}
          <ClaimForm actions={actions} address={address} account={account} after={refresh} />
        </div>
      ) : null}
    </section>
  );
}

type Outcome = { tone: "busy" | "good" | "bad"; text: string; code?: string } | undefined;

/** Runs one thing at a time and says how far it is. */
function useRun(after: () => void): {
  outcome: Outcome;
  run: (work: (tell: Tell) => Promise<string>) => void;
} {
  const [outcome, setOutcome] = useState<Outcome>();
  const run = (work: (tell: Tell) => Promise<string>): void => {
    setOutcome({ tone: "busy", text: "Starting" });
    work((text) => setOutcome({ tone: "busy", text }))
      .then(
        (text) => setOutcome({ tone: "good", text }),
        (error: unknown) => {
          const { code, message } = reasonOf(error);
          setOutcome({ tone: "bad", text: message, code });
        },
      )
      .finally(after);
  };
  return { outcome, run };
}

function Said({ outcome }: { outcome: Outcome }): JSX.Element {
  return (
    <p class={`said ${outcome?.tone ?? ""}`} role={outcome?.tone === "bad" ? "alert" : "status"}>
      {outcome?.code ? <code>{outcome.code}</code> : null} {outcome?.text ?? ""}
    </p>
  );
}

function AmountForm(props: {
  name: string;
  /** micro-USD that there are */
  most: bigint | undefined;
  run: (amount: bigint, tell: Tell) => Promise<void>;
  done: string;
  after: () => void;
}): JSX.Element {
  const { name, most, done, after } = props;
  const [text, setText] = useState("");
  const { outcome, run } = useRun(after);
  const amount = parseAmount(text, USD_DECIMALS);
  const tooMuch = amount !== undefined && most !== undefined && amount > most;
  const wrong = text !== "" && (amount === undefined || tooMuch);
  const reason = useId();
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (amount === undefined || tooMuch || outcome?.tone === "busy") return;
    run(async (tell) => {
      await props.run(amount, tell);
      setText("");
      return done;
    });
  };
  return (
    <form onSubmit={submit}>
      <label>
        {name}
        <span class="field">
          <input
            name={name}
            inputMode="decimal"
            autocomplete="off"
            placeholder="0.00"
            value={text}
            aria-invalid={wrong}
            aria-describedby={wrong ? reason : undefined}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <span class="unit">USD</span>
        </span>
      </label>
      <div class="row">
        <button
          type="submit"
          class="button"
          disabled={amount === undefined || tooMuch || outcome?.tone === "busy"}
        >
          {name}
        </button>
        {most === undefined || most === 0n ? null : (
          <button
            type="button"
            class="quiet"
            onClick={() => setText(exactAmount(most, USD_DECIMALS).replaceAll(",", ""))}
          >
            All
          </button>
        )}
      </div>
      {wrong ? (
        <p class="said bad" role="alert" id={reason}>
          {tooMuch ? "That is more than there is." : "An amount with at most 6 decimals."}
        </p>
      ) : (
        <Said outcome={outcome} />
      )}
    </form>
  );
}

function ClaimForm(props: Props & { actions: MoneyActions; after: () => void }): JSX.Element {
  const { actions, address, account, after } = props;
  const { outcome, run } = useRun(after);
  const stable = BigInt(account?.claimableStable ?? 0);
  const flk = BigInt(account?.claimableFlk ?? 0);
  const amounts = (usd: bigint, wei: bigint): string =>
    `${usdText(usd)} and ${exactAmount(wei, FLK_DECIMALS)} FLK`;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    run(async (tell) => {
      const paid = await actions.claim(address as `0x${string}`, tell);
      return paid.stable === 0n && paid.flk === 0n
        ? "All was paid before."
        : `Paid ${amounts(paid.stable, paid.flk)}.`;
    });
  };
  return (
    <form onSubmit={submit}>
      <p class="label">Claimable</p>
      <p class="claimable">{stable === 0n && flk === 0n ? "Nothing now" : amounts(stable, flk)}</p>
      <div class="row">
        <button
          type="submit"
          class="button"
          disabled={(stable === 0n && flk === 0n) || outcome?.tone === "busy"}
        >
          Claim
        </button>
      </div>
      <Said outcome={outcome} />
    </form>
  );
}
