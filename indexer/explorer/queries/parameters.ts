import { document } from "../graphql/request.ts";

export interface ParameterChange {
  key: string;
  value: string;
  effectiveEpoch: number;
  time: number;
  txHash: string;
}

export interface Governed {
  parameterChanges: { totalCount: number; nodes: ParameterChange[] };
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
  parameterChanges(first: 20, direction: DESC) { totalCount nodes { key value effectiveEpoch time txHash } }
  services { id owner metadataUri prices { commodity price } }
}`);
