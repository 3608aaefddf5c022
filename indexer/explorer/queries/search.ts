import { document } from "../graphql/request.ts";

export interface NumberHits {
  node: { id: number; owner: string } | null;
  epoch: { number: number; finality: string } | null;
  block: { height: number; epoch: number } | null;
}

/** What a whole number may name. */
export const numberQuery = document<
  NumberHits,
  { number: number; height: number }
>(`query Number($number: Int!, $height: Counter!) {
  node(id: $number) { id owner }
  epoch(number: $number) { number finality }
  block(height: $height) { height epoch }
}`);
