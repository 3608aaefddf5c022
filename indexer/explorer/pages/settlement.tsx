import type { JSX } from "preact";
import { useRevision } from "../graphql/live.ts";
import { useQuery } from "../graphql/use-query.ts";
import { Count, Flk, Nothing, Usd } from "../parts/amount.tsx";
import { FinalityBadge, Verified } from "../parts/badge.tsx";
import { Facts, Section, Tile, Tiles } from "../parts/facts.tsx";
import { EpochLink, Hex, NodeLink, TransactionLink } from "../parts/hex.tsx";
import { Answer, NotFound } from "../parts/states.tsx";
import { At } from "../parts/time.tsx";
import {
  type SettlementDetail,
  type SettlementPage as Shown,
  settlementQuery,
} from "../queries/settlements.ts";
import { epochChanges, settlementChanges } from "../queries/status.ts";
import { State } from "./settlements.tsx";

export function SettlementPage({ epoch }: { epoch: number }): JSX.Element {
  const settlements = useRevision(settlementChanges, {});
  const epochs = useRevision(epochChanges, {});
  const result = useQuery(settlementQuery, { epoch }, settlements + epochs);
  return (
    <Answer result={result}>
      {(data) =>
        data.settlement ? (
          <Content settlement={data.settlement} epoch={data.epoch} />
        ) : (
          <NotFound what={`Epoch ${epoch} has not been settled on the L2 yet, in a final block.`} />
        )
      }
    </Answer>
  );
}

function Content({
  settlement,
  epoch,
}: {
  settlement: SettlementDetail;
  epoch: Shown["epoch"];
}): JSX.Element {
  return (
    <section class="page">
      <header class="title">
        <h1>Settlement of epoch {settlement.epoch}</h1>
        <State row={settlement} />
        {epoch ? <FinalityBadge value={epoch.finality} /> : null}
        {epoch ? <Verified verified={epoch.verified} problem={epoch.problem} /> : null}
      </header>
      <Tiles>
        <Tile name="Gas" value={<Count value={settlement.gasUsed} />} note="of the whole transaction" />
        <Tile name="Balances" value={<Usd value={settlement.totalBalances} />} note="of all clients" />
        <Tile name="Paid out" value={<Usd value={settlement.totalPayoutStable} />} note="cumulative" />
        <Tile
          name="FLK paid out"
          value={<Flk value={settlement.totalPayoutFlk} />}
          note={
            settlement.flkMinted === null ? (
              "not active yet"
            ) : (
              <>
                <Flk value={settlement.flkMinted} /> minted with it
              </>
            )
          }
        />
      </Tiles>
      <div class="columns">
        <Section title="Certificate">
          <Certificate settlement={settlement} epoch={epoch} />
        </Section>
        <Section title="On the L2">
          <OnL2 settlement={settlement} />
        </Section>
      </div>
      <Section title="What was signed">
        <Signed settlement={settlement} />
      </Section>
    </section>
  );
}

/** Who signed, and whether it is what the L2 settled. */
function Certificate({
  settlement,
  epoch,
}: {
  settlement: SettlementDetail;
  epoch: Shown["epoch"];
}): JSX.Element {
  const certificate = epoch?.certificate;
  const same = epoch?.digest === settlement.digest;
  return (
    <Facts
      facts={[
        { name: "Epoch", value: <EpochLink number={settlement.epoch} /> },
        {
          name: "Certified digest",
          value: epoch?.digest ? (
            <>
              <Hex value={epoch.digest} whole />
              {same ? (
                <span class="verified">the one that was settled</span>
              ) : (
                <span class="problem">ERR_SETTLEMENT_DIGEST</span>
              )}
            </>
          ) : (
            <Nothing />
          ),
        },
        {
          name: "Signed by",
          value: certificate ? certificate.signers.map((id) => <NodeLink key={id} id={id} />) : <Nothing />,
        },
        {
          name: "Did not sign",
          value:
            certificate && certificate.absent.length > 0 ? (
              certificate.absent.map((id) => <NodeLink key={id} id={id} />)
            ) : (
              <Nothing />
            ),
        },
        {
          name: "Power",
          value: certificate ? (
            `${certificate.power} of ${certificate.totalPower}, ${certificate.quorum} needed`
          ) : (
            <Nothing />
          ),
        },
        { name: "Signature", value: <Hex value={certificate?.signature} whole /> },
      ]}
    />
  );
}

function OnL2({ settlement }: { settlement: SettlementDetail }): JSX.Element {
  return (
    <Facts
      facts={[
        {
          name: "Posted in",
          value: (
            <>
              <TransactionLink value={settlement.txHash} /> block <Count value={settlement.block} />
            </>
          ),
        },
        { name: "Active from", value: <At ms={settlement.activatesAt * 1000} /> },
        {
          name: "Made active in",
          value: settlement.activatedTx ? (
            <>
              <TransactionLink value={settlement.activatedTx} /> block{" "}
              <Count value={settlement.activatedBlock} />
            </>
          ) : (
            <Nothing />
          ),
        },
      ]}
    />
  );
}

function Signed({ settlement }: { settlement: SettlementDetail }): JSX.Element {
  const hex = (name: string, value: string) => ({ name, value: <Hex value={value} whole /> });
  return (
    <Facts
      facts={[
        hex("Digest", settlement.digest),
        hex("Previous", settlement.previous),
        { name: "Close time", value: <At ms={settlement.closeTime} /> },
        {
          name: "L2 checkpoint",
          value: (
            <>
              <Count value={settlement.l2Number} /> <Hex value={settlement.l2Hash} />
            </>
          ),
        },
        hex("State root", settlement.stateRoot),
        hex("Payout root", settlement.payoutRoot),
        hex("Balance root", settlement.balanceRoot),
        hex("Report hash", settlement.reportHash),
        hex("Slash list hash", settlement.slashListHash),
        hex("Next committee hash", settlement.nextCommitteeHash),
      ]}
    />
  );
}
