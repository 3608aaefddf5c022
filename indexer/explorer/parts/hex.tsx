import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { shortHex } from "../format/text.ts";
import { Nothing } from "./amount.tsx";

const TOLD_MS = 1_500;

/** Copies the whole of what is shown short. */
export function Copy({ text, what }: { text: string; what: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), TOLD_MS);
  };
  return (
    <button type="button" class="copy" aria-label={copied ? "Copied" : `Copy ${what}`} onClick={copy}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        {copied ? <path d="M3 8.5l3.2 3L13 4.5" /> : <path d="M6 5.5h7v8H6zM3.5 10.5v-8h7" />}
      </svg>
    </button>
  );
}

interface HexProps {
  value: string | null | undefined;
  whole?: boolean;
}

export function Hex({ value, whole }: HexProps): JSX.Element {
  if (!value) return <Nothing />;
  return (
    <span class="hex" title={whole ? undefined : value}>
      <code>{whole ? value : shortHex(value)}</code>
      <Copy text={value} what="value" />
    </span>
  );
}

/** Of the L2 or of the protocol chain. */
export function TransactionLink(props: HexProps): JSX.Element {
  return <HexLink section="transactions" {...props} />;
}

export function AccountLink(props: HexProps): JSX.Element {
  return <HexLink section="accounts" {...props} />;
}

function HexLink({ section, value, whole }: HexProps & { section: string }): JSX.Element {
  if (!value) return <Nothing />;
  return (
    <a class="hex" href={`/${section}/${value}`} title={whole ? undefined : value}>
      <code>{whole ? value : shortHex(value)}</code>
    </a>
  );
}

export function BlockLink({ height }: { height: number }): JSX.Element {
  return <a href={`/blocks/${height}`}>{height}</a>;
}

export function NodeLink({ id }: { id: number }): JSX.Element {
  return <a href={`/nodes/${id}`}>Node {id}</a>;
}

export function EpochLink({ number }: { number: number | null | undefined }): JSX.Element {
  return number === null || number === undefined ? <Nothing /> : <a href={`/epochs/${number}`}>{number}</a>;
}
