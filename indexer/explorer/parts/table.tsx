import type { ComponentChildren, JSX } from "preact";
import { wholeNumber } from "../format/amount.ts";
import { address, cameFromInside, go, type Place } from "../router.ts";

export interface Column<Row> {
  title: string;
  /** numbers stand right */
  number?: boolean;
  /** of every amount below: said once */
  unit?: string;
  /** left out where the screen is narrow */
  minor?: boolean;
  cell: (row: Row) => ComponentChildren;
}

/** Rows with a name for those who do not see them; on a phone it scrolls by itself. */
export function Table<Row>(props: {
  name: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string | number;
  empty: string;
}): JSX.Element {
  const { name, columns, rows, keyOf, empty } = props;
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  const classOf = ({ number, minor }: Column<Row>): string =>
    `${number ? "number" : ""}${minor ? " minor" : ""}`;
  return (
    // a region that scrolls must be reachable by keyboard
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section class="scroll" aria-label={name} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" class={classOf(column)}>
                {column.title}
                {column.unit ? <span class="unit">{column.unit}</span> : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.title} class={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export interface PageInfo {
  hasNextPage: boolean;
  endCursor: string | null;
}

export const PAGE_SIZE = 50;
/** rows that nobody needs to be told the number of */
const FEW = 5;

/**
 * Steps through a list that the server cuts into pages. Where one is stays in the address, and the way back in the browser's history, so that
 * a page can be sent to somebody and nothing is counted twice.
 */
export function Pager(props: {
  place: Place;
  info: PageInfo;
  shown: number;
  /** left out where counting would cost more than it says */
  total?: number;
  /** name of the cursor in the address, where a page has several lists */
  name?: string;
}): JSX.Element | null {
  const { place, info, shown, total, name = "after" } = props;
  const at = place.query.get(name);
  if (!at && !info.hasNextPage) {
    return total !== undefined && total > FEW ? <p class="pager">{wholeNumber(total)} in all</p> : null;
  }
  const path = `/${place.path.map(encodeURIComponent).join("/")}`;
  const to = (cursor: string | undefined): string =>
    address(path, { ...Object.fromEntries(place.query), [name]: cursor });
  return (
    <nav class="pager" aria-label="Pages">
      <span>
        {wholeNumber(shown)}
        {total === undefined ? null : <> of {wholeNumber(total)}</>}
      </span>
      {at ? <a href={to(undefined)}>First</a> : null}
      {at && cameFromInside() ? (
        <button type="button" onClick={() => history.back()}>
          Back
        </button>
      ) : null}
      {info.hasNextPage && info.endCursor ? (
        <button type="button" onClick={() => go(to(info.endCursor ?? undefined), { keepScroll: true })}>
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
  const path = `/${place.path.map(encodeURIComponent).join("/")}`;
  const query = { ...Object.fromEntries(place.query), after: undefined };
  return (
    <nav class="choice" aria-label={label}>
      {options.map(({ value, text }) => (
        <a
          key={text}
          href={address(path, { ...query, [name]: value })}
          aria-current={value === chosen ? "true" : undefined}
        >
          {text}
        </a>
      ))}
    </nav>
  );
}
