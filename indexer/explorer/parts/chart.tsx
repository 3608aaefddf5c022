import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { maxBigint } from "#protocol/types/bigint.ts";
import { perMille } from "../format/amount.ts";

export interface Point {
  epoch: number;
  value: bigint;
}

/** Height and step of the drawing, in its own units: the page stretches it. */
const HEIGHT = 100;
const STEP = 10;
const GAP = 2;

/**
 * Values over epochs, oldest left. Lengths come from whole numbers; what is read of it, by pointer or arrow keys, is exact. `line` for what
 * stands at a level, bars for what adds up.
 */
export function Chart(props: {
  title: string;
  points: readonly Point[];
  show: (value: bigint) => string;
  line?: boolean;
  /** of the scale; the largest value unless told */
  top?: bigint;
}): JSX.Element {
  const { title, points, show, line = false } = props;
  const [at, setAt] = useState<number | undefined>();
  const last = points.length - 1;
  const chosen = points[Math.min(at ?? last, last)];
  const top = props.top ?? points.reduce((most, { value }) => maxBigint(most, value), 0n);
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setAt(Math.max(0, Math.min(last, (at ?? last) + step)));
  };
  const point = (event: PointerEvent): void => {
    const { left, width } = (event.currentTarget as Element).getBoundingClientRect();
    if (width > 0)
      setAt(Math.max(0, Math.min(last, Math.floor(((event.clientX - left) / width) * points.length))));
  };
  return (
    <figure class="chart">
      <figcaption>
        <span class="title">{title}</span>
        <span class="reading" aria-live={at === undefined ? "off" : "polite"}>
          {chosen ? (
            <>
              {show(chosen.value)}
              <span class="where">epoch {chosen.epoch}</span>
            </>
          ) : (
            <span class="where">no epoch yet</span>
          )}
        </span>
      </figcaption>
      {points.length === 0 ? (
        <div class="plot" />
      ) : (
        <div
          class="plot"
          role="slider"
          aria-label={`${title} per epoch`}
          aria-valuemin={points[0]?.epoch ?? 0}
          aria-valuemax={points[last]?.epoch ?? 0}
          aria-valuenow={chosen?.epoch ?? 0}
          aria-valuetext={chosen ? `${show(chosen.value)}, epoch ${chosen.epoch}` : undefined}
          tabIndex={0}
          onKeyDown={move}
          onPointerMove={point}
          onPointerDown={point}
          onPointerLeave={() => setAt(undefined)}
          onBlur={() => setAt(undefined)}
        >
          <Drawing points={points} top={top} line={line} at={at} />
        </div>
      )}
    </figure>
  );
}

function Drawing(props: {
  points: readonly Point[];
  top: bigint;
  line: boolean;
  at: number | undefined;
}): JSX.Element {
  const { points, top, line, at } = props;
  return (
    <svg viewBox={`0 0 ${points.length * STEP} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {points.map(({ epoch, value }, i) => (
        <Bar key={epoch} i={i} share={perMille(value, top)} line={line} on={at === i} />
      ))}
      {line ? <Line points={points} top={top} /> : null}
    </svg>
  );
}

function Bar(props: { i: number; share: number; line: boolean; on: boolean }): JSX.Element | null {
  const { i, share, line, on } = props;
  if (line && !on) return null;
  const height = line ? HEIGHT : share > 0 ? Math.max(1, (share * HEIGHT) / 1000) : 0;
  const kind = line ? "ruler" : on ? "bar on" : "bar";
  return <rect class={kind} x={i * STEP + GAP / 2} y={HEIGHT - height} width={STEP - GAP} height={height} />;
}

function Line({ points, top }: { points: readonly Point[]; top: bigint }): JSX.Element {
  const path = points.map(({ value }, i) => {
    const y = HEIGHT - (perMille(value, top) * (HEIGHT - 4)) / 1000 - 2;
    return `${i === 0 ? "M" : "L"}${i * STEP + STEP / 2} ${y}`;
  });
  // one epoch is a level, too
  const only = points.length === 1 ? `h${STEP / 2}` : "";
  return <path class="line" d={path.join("") + only} />;
}

/** 0 to `of`, as a short bar beside its number. */
export function Meter({ value, of, label }: { value: number; of: number; label: string }): JSX.Element {
  return (
    <span class="meter">
      {/* biome-ignore lint/a11y/useSemanticElements: <meter> is drawn by each browser in its own way */}
      <span
        class="scale"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={of}
        aria-valuenow={value}
      >
        <span style={{ width: `${Math.round((value * 100) / of)}%` }} />
      </span>
      <span class="value">{of === 100 ? value : (value / (of / 100)).toFixed(1)}</span>
    </span>
  );
}
