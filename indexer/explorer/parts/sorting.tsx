import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { go, type Place, within } from "../router.ts";

/** As ARIA names it. */
type Way = "ascending" | "descending";

/** An order of the API, and which way it goes unless told. */
export interface SortOrder {
  orderBy: string;
  first: Way;
}

/** The order that a list is in. */
export interface Sorting {
  by: string;
  way: Way;
  /** Puts the list in that order; the other way around where it is in it already. */
  choose(sort: string): void;
  /** Whether that title was chosen on this page and has not been drawn since: it gets the focus that it had. */
  takeChosen(sort: string): boolean;
}

/** Reads the order of a list from the address: `sort`, and `way` where it is not the first. The first of `orders` holds unless told. */
export function useSorting<Orders extends Record<string, SortOrder>>(
  place: Place,
  orders: Orders,
): { sorting: Sorting; orderBy: Orders[keyof Orders]["orderBy"]; direction: "ASC" | "DESC" } {
  const chosen = useRef<string | undefined>(undefined);
  const names = Object.keys(orders);
  const [normal = ""] = names;
  const asked = place.query.get("sort") ?? normal;
  const by = names.includes(asked) ? asked : normal;
  const { orderBy, first } = orders[by] as Orders[keyof Orders];
  const way = place.query.get("way") === otherWay(first) ? otherWay(first) : first;
  const sorting: Sorting = {
    by,
    way,
    choose(sort) {
      chosen.current = sort;
      const turned = sort === by && way === first ? otherWay(first) : undefined;
      const change = { sort: sort === normal ? undefined : sort, way: turned, after: undefined };
      go(within(place, change), { keepScroll: true });
    },
    takeChosen(sort) {
      if (chosen.current !== sort) return false;
      chosen.current = undefined;
      return true;
    },
  };
  return { sorting, orderBy, direction: way === "ascending" ? "ASC" : "DESC" };
}

function otherWay(way: Way): Way {
  return way === "ascending" ? "descending" : "ascending";
}

/** The title of a column that a list can be ordered by. */
export function SortTitle(props: {
  sort: string;
  sorting: Sorting;
  children: ComponentChildren;
}): JSX.Element {
  const { sort, sorting, children } = props;
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (sorting.takeChosen(sort)) button.current?.focus({ preventScroll: true });
  }, []);
  return (
    <button ref={button} type="button" class="sort" onClick={() => sorting.choose(sort)}>
      {children}
    </button>
  );
}
