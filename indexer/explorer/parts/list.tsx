import type { JSX } from "preact";
import { wholeNumber } from "../format/amount.ts";
import type { Connection, PageOf } from "../queries/types.ts";
import { cameFromInside, go, type Place, within } from "../router.ts";
import { Section } from "./facts.tsx";
import { Table, type TableProps } from "./table.tsx";

export const PAGE_SIZE = 50;
/** rows that nobody needs to be told the number of */
const FEW = 5;

interface ListProps<Row> extends Omit<TableProps<Row>, "rows"> {
  /** `totalCount` is left out where counting would cost more than it says */
  list: PageOf<Row> & { totalCount?: number };
  /** left out where only the first page is shown */
  place?: Place;
  /** name of the cursor in the address, where a page has several lists */
  cursor?: string;
}

/** One page of a list, and the way to the others. */
export function List<Row>({ list, place, cursor = "after", ...table }: ListProps<Row>): JSX.Element {
  return (
    <>
      <Table {...table} rows={list.nodes} />
      {place ? <Pager list={list} place={place} cursor={cursor} /> : null}
    </>
  );
}

/** A section with a list, where there is anything in it. */
export function ListSection<Row>(
  props: Omit<ListProps<Row>, "name" | "empty"> & {
    title: string;
    /** of the table; the title unless told */
    name?: string;
    list: Connection<Row>;
  },
): JSX.Element | null {
  const { title, name = title, ...list } = props;
  if (props.list.totalCount === 0) return null;
  return (
    <Section title={title}>
      <List {...list} name={name} empty="None." />
    </Section>
  );
}

/**
 * Steps through a list that the server cuts into pages. Where one is stays in the address, and the way back in the browser's history, so that
 * a page can be sent to somebody and nothing is counted twice.
 */
function Pager(props: {
  list: ListProps<unknown>["list"];
  place: Place;
  cursor: string;
}): JSX.Element | null {
  const { place, cursor } = props;
  const { pageInfo, nodes, totalCount } = props.list;
  const at = place.query.get(cursor);
  if (!at && !pageInfo.hasNextPage) {
    return totalCount !== undefined && totalCount > FEW ? (
      <p class="pager">{wholeNumber(totalCount)} in all</p>
    ) : null;
  }
  const to = (next: string | undefined): string => within(place, { [cursor]: next });
  return (
    <nav class="pager" aria-label="Pages">
      <span>
        {wholeNumber(nodes.length)}
        {totalCount === undefined ? null : <> of {wholeNumber(totalCount)}</>}
      </span>
      {at ? <a href={to(undefined)}>First</a> : null}
      {at && cameFromInside() ? (
        <button type="button" onClick={() => history.back()}>
          Back
        </button>
      ) : null}
      {pageInfo.hasNextPage && pageInfo.endCursor ? (
        <button type="button" onClick={() => go(to(pageInfo.endCursor ?? undefined), { keepScroll: true })}>
          Next
        </button>
      ) : null}
    </nav>
  );
}

/** Chooses one of a few orders or filters, which stays in the address. */
export function Choice(props: {
  place: Place;
  name: string;
  label: string;
  options: readonly { value: string | undefined; text: string }[];
}): JSX.Element {
  const { place, name, label, options } = props;
  const chosen = place.query.get(name) ?? undefined;
  return (
    <nav class="choice" aria-label={label}>
      {options.map(({ value, text }) => (
        <a
          key={text}
          href={within(place, { after: undefined, [name]: value })}
          aria-current={value === chosen ? "true" : undefined}
        >
          {text}
        </a>
      ))}
    </nav>
  );
}
