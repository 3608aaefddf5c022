import { document } from "../graphql/request.ts";

export interface ParameterChange {
  key: string;
  value: string;
  effectiveEpoch: number;
  time: number;
  txHash: string;
}

export interface RegisteredService {
  id: number;
  owner: string;
  metadataUri: string;
  prices: { commodity: number; price: string }[];
}

export interface Governed {
  parameterChanges: { totalCount: number; nodes: ParameterChange[] };
  parameters: { nodes: { key: string; value: string }[] };
  services: { nodes: RegisteredService[] };
}

export const governedQuery = document<Governed>(`query Governed {
  parameters(first: 1000) { nodes { key value } }
  parameterChanges(first: 20, direction: DESC) { totalCount nodes { key value effectiveEpoch time txHash } }
  services(first: 1000) { nodes { id owner metadataUri prices { commodity price } } }
}`);
