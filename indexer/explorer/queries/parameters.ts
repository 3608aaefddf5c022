import { document } from "../graphql/request.ts";

export interface Governed {
  parameters: { key: string; value: string }[];
  services: {
    id: number;
    owner: string;
    metadataUri: string;
    prices: { commodity: number; price: string }[];
  }[];
}

export const governedQuery = document<Governed>(`query Governed {
  parameters { key value }
  services { id owner metadataUri prices { commodity price } }
}`);
