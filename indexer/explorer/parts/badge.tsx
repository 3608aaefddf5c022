import type { JSX } from "preact";
import type { Finality, SettlementState } from "../queries/types.ts";

const FINALITY: Record<Finality, { tone: string; says: string }> = {
  COMMITTED: { tone: "wait", says: "Certified by its committee; not on the L2 yet" },
  SETTLED: { tone: "near", says: "Posted on the L2 with the same digest; not active yet" },
  FINAL: { tone: "done", says: "Active on the L2 in a final block: it can be claimed" },
};

const STATES: Record<SettlementState, { tone: string; says: string }> = {
  PENDING: { tone: "near", says: "Posted; waits for its activation delay" },
  HELD: { tone: "bad", says: "Waits for governance" },
  ACTIVE: { tone: "done", says: "Claims go against it, or a later one" },
  VOIDED: { tone: "bad", says: "Set aside by a restart" },
};

export function FinalityBadge({ value }: { value: Finality }): JSX.Element {
  const { tone, says } = FINALITY[value];
  return <Badge text={value} tone={tone} says={says} />;
}

export function StateBadge({ value }: { value: SettlementState }): JSX.Element {
  const { tone, says } = STATES[value];
  return <Badge text={value} tone={tone} says={says} />;
}

export function Badge({ text, tone, says }: { text: string; tone: string; says?: string }): JSX.Element {
  return (
    <span class={`badge ${tone}`} title={says}>
      {text}
    </span>
  );
}

/** Whether what the node reported agrees with blocks, L2 and settlement; what does not agree is said loudly. */
export function Verified(props: { verified: boolean; problem: string | null; open?: boolean }): JSX.Element {
  if (props.problem) {
    return (
      <span
        class="problem"
        title={
          props.verified
            ? "Lanes and deliveries of this epoch may be wrong"
            : "The report of this epoch does not agree and is not shown"
        }
      >
        {props.problem}
      </span>
    );
  }
  if (props.verified) {
    return (
      <span
        class="verified"
        title="Report, balances and payouts agree with the blocks, the L2 and the settlement"
      >
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M3 8.5l3.2 3L13 4.5" />
        </svg>
        verified
      </span>
    );
  }
  return <span class="unverified">{props.open ? "open" : "not checked yet"}</span>;
}
