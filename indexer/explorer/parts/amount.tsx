import type { JSX } from "preact";
import {
  exactAmount,
  FLK_DECIMALS,
  shortAmount,
  shortBytes,
  USD_DECIMALS,
  wholeNumber,
} from "../format/amount.ts";

/** micro-USD, to the last one. */
export function Usd({ value }: { value: string | null | undefined }): JSX.Element {
  if (value === null || value === undefined) return <Nothing />;
  const text = exactAmount(value, USD_DECIMALS, 2);
  return (
    <span class={BigInt(value) === 0n ? "amount zero" : "amount"}>
      {text}
      <Pad text={text} decimals={USD_DECIMALS} />
      <span class="unit">USD</span>
    </span>
  );
}

const SHORT_FLK = 4;

/** wei: cut to four decimals in tables, with the exact amount behind it; `exact` shows all of it. */
export function Flk({ value, exact }: { value: string | null | undefined; exact?: boolean }): JSX.Element {
  if (value === null || value === undefined) return <Nothing />;
  const whole = exactAmount(value, FLK_DECIMALS);
  const { text, cut } = exact ? { text: whole, cut: false } : shortAmount(value, FLK_DECIMALS, SHORT_FLK);
  return (
    <span class={BigInt(value) === 0n ? "amount zero" : "amount"} title={cut ? `${whole} FLK` : undefined}>
      {text}
      {cut ? <span class="cut">…</span> : null}
      <Pad text={cut ? `${text}…` : text} decimals={SHORT_FLK} more="…" />
      <span class="unit">FLK</span>
    </span>
  );
}

/** Takes the place of decimals that are not there, so that points stand below each other in a column. Nobody sees or hears it. */
function Pad(props: { text: string; decimals: number; more?: string }): JSX.Element | null {
  const { text, decimals, more = "" } = props;
  const point = text.indexOf(".");
  const full = (point < 0 ? `${text}.` : text).length - (point < 0 ? text.length : point) - 1;
  const missing = Math.max(0, decimals - full + (text.endsWith("…") ? 1 : 0));
  const padding = `${point < 0 ? "." : ""}${"0".repeat(missing)}${text.endsWith("…") ? "" : more}`;
  return padding === "" ? null : <span class="pad" aria-hidden="true" data-pad={padding} />;
}

export function Bytes({ value }: { value: string | null | undefined }): JSX.Element {
  if (value === null || value === undefined) return <Nothing />;
  return <span title={`${wholeNumber(value)} bytes`}>{shortBytes(value)}</span>;
}

/** What was done of each commodity: "1.2 MB · 3,400 ms". */
export function Done({ bytes, ms }: { bytes: string | null; ms: string | null }): JSX.Element {
  if (ms === null) return <Bytes value={bytes} />;
  return (
    <>
      <Bytes value={bytes} /> · <span>{wholeNumber(ms)} ms</span>
    </>
  );
}

export function Count({ value }: { value: string | number | null | undefined }): JSX.Element {
  return value === null || value === undefined ? <Nothing /> : <span>{wholeNumber(value)}</span>;
}

/** What is not there, or not known yet. */
export function Nothing(): JSX.Element {
  return <span class="nothing">–</span>;
}
