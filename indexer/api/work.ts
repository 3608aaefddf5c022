import type { PgTable } from "drizzle-orm/pg-core";
import type { GraphQLObjectType } from "graphql";
import { MAX_COMMITTEE } from "#protocol/params/limits.ts";
import { accounts, lots, parameters, services, settlements } from "../store/schema.ts";
import type { Where } from "./filters.ts";
import type { ListArgs, Listing } from "./list.ts";
import { SMALL_TABLES } from "./listings.ts";

/** One pass over a large table, in units of work. */
const PASS = 20;
/** Over what one parent has, or what one value of an index finds. */
const PART = 5;
/** Every account with all that is looked up for it. */
const ACCOUNTS_PAST = 40;

/** Tables whose history is as small as they are. */
const SMALL_HISTORIES: readonly PgTable[] = [lots, parameters, services, settlements];

/** Of a field that decodes a committee: what it counts as, whatever the committee's size. */
export const ofCommittee = { extensions: { rows: 64 } };

/** Of the list of a committee's seats: what is nested in it is read for every seat. */
export const ofSeats = { extensions: { ...ofCommittee.extensions, times: MAX_COMMITTEE } };

/** Of a field that reads, for each row that has it, a part of a large table of which no list gives the rows. */
export const ofPart = { extensions: { work: passOver } };

/** A list of a query. */
export interface Asked {
  listing: Listing<PgTable>;
  args: ListArgs & { atEpoch?: number | null; role?: string | null };
  /** rows that have this list; undefined: it is the query's own */
  parents: number | undefined;
}

declare module "graphql" {
  interface GraphQLFieldExtensions<_TSource, _TContext, _TArgs> {
    /** that it counts as, for each row that has it */
    rows?: number;
    /** most rows that it gives to what is nested in it, where it is no connection; 1 unless given */
    times?: number;
    /** units that it counts as, by how many rows have it */
    work?: (parents: number) => number;
  }
  interface GraphQLObjectTypeExtensions<_TSource, _TContext> {
    /** of a connection: how its rows are listed */
    listing?: Listing<PgTable>;
  }
}

/** How the rows of a connection type are listed; undefined of other types. */
export function listingOf(type: GraphQLObjectType): Listing<PgTable> | undefined {
  return type.extensions.listing;
}

/** Units that the database reads for a list beside the rows that it gives. */
export function listWork({ listing, args, parents }: Asked): number {
  const { table } = listing;
  if (typeof args.atEpoch === "number") return pastWork(table);
  const role = typeof args.role === "string" ? PASS : 0;
  if (SMALL_TABLES.includes(table)) return role;
  if (parents === undefined) return role + (readsPast(listing, args) ? PASS : 0);
  return isPlain(listing, args) ? 0 : passOver(parents);
}

function pastWork(table: PgTable): number {
  if (SMALL_HISTORIES.includes(table)) return 0;
  return table === accounts ? ACCOUNTS_PAST : PASS;
}

/** Units for the number of all its rows. */
export function countWork({ listing, args, parents }: Asked): number {
  if (SMALL_TABLES.includes(listing.table)) return 0;
  if (parents !== undefined) return passOver(parents);
  const plain = typeof args.atEpoch !== "number" && typeof args.role !== "string";
  return plain && found(listing, args) === "part" ? PART : PASS;
}

function passOver(parents: number): number {
  return parents > 1 ? PASS : PART;
}

function conditionsOf({ where }: ListArgs): [string, unknown][] {
  return Object.entries(where ?? {}).filter(([, value]) => value !== undefined);
}

/** In the order of the parent's own index, without a filter. */
function isPlain({ orders }: Listing<PgTable>, args: ListArgs): boolean {
  const [first] = Object.keys(orders);
  return conditionsOf(args).length === 0 && (args.orderBy ?? first) === first;
}

/**
 * How the rows of a page are found. "page": where an index begins. "part": they are all that one value of an index finds, in
 * order. "pass": rows have to be read that the page does not show.
 */
function found({ filters, orders }: Listing<PgTable>, args: ListArgs): "page" | "part" | "pass" {
  const [first] = Object.keys(orders);
  const [lead] = orders[args.orderBy ?? (first as string)] ?? [];
  const others = conditionsOf(args).filter(([name]) => filters[name]?.column !== lead);
  const [other] = others;
  if (!other) return "page";
  const [name, comparison] = other;
  const ordered = (args.orderBy ?? first) === first;
  return others.length === 1 && ordered && name in filters && isOne(comparison) ? "part" : "pass";
}

/** Whether the rows of a page are not all that is read for it. */
function readsPast(listing: Listing<PgTable>, args: ListArgs): boolean {
  const how = found(listing, args);
  return how === "pass" || (how === "page" && listing.sparse === true);
}

function isOne(comparison: unknown): boolean {
  const { _eq, ...more } = (comparison ?? {}) as Where;
  return _eq !== undefined && Object.keys(more).length === 0;
}
