import type { ComponentChildren, JSX } from "preact";
import { type Sorting, SortTitle } from "./sorting.tsx";

export interface Column<Row> {
  title: string;
  /** name of the order by it, where there is one */
  sort?: string;
  /** numbers stand right */
  number?: boolean;
  /** of every amount below: said once */
  unit?: string;
  /** left out where the screen is narrow */
  minor?: boolean;
  cell: (row: Row) => ComponentChildren;
}

export interface TableProps<Row> {
  /** for those who do not see it */
  name: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string | number;
  /** said in the place of no rows */
  empty: string;
  /** where titles choose the order */
  sorting?: Sorting;
}

/** On a phone it scrolls by itself. */
export function Table<Row>(props: TableProps<Row>): JSX.Element {
  const { name, columns, rows, keyOf, empty, sorting } = props;
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
              <th
                key={column.title}
                scope="col"
                class={classOf(column)}
                aria-sort={column.sort !== undefined && column.sort === sorting?.by ? sorting.way : undefined}
              >
                <Title column={column} sorting={sorting} />
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

function Title<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting | undefined }): JSX.Element {
  const text = (
    <>
      {column.title}
      {column.unit ? <span class="unit"> {column.unit}</span> : null}
    </>
  );
  if (!sorting || column.sort === undefined) return text;
  return (
    <SortTitle sort={column.sort} sorting={sorting}>
      {text}
    </SortTitle>
  );
}
