import type { BlsSigner } from "#protocol/crypto/bls.ts";
import { equalBytes } from "#protocol/types/codec.ts";
import type { Hex } from "#protocol/types/hex.ts";
import { at, type Refusal } from "./ledger.ts";

export interface ConsensusKey {
  signer: BlsSigner;
  /** the first epoch that it may act in */
  fromEpoch: number;
}

export interface RegisteredNode {
  id: number;
  owner: Hex;
  operator: Hex;
  payee: Hex;
  optedIn: boolean;
  networkKey: Hex;
  /** by version */
  keys: ConsensusKey[];
}

/** `valid`: the proof is of possession, for the owner. */
export interface ProvenKey {
  signer: BlsSigner;
  valid: boolean;
}

export const NOBODY: Hex = `0x${"00".repeat(20)}`;
export const NO_NETWORK_KEY: Hex = `0x${"00".repeat(32)}`;
const MAX_ENDPOINTS = 512;

/** Who runs each node, with which keys. */
export class RegistryLedger {
  readonly nodes: RegisteredNode[] = [];
  readonly #networkKeys = new Set<Hex>();

  find(id: number): RegisteredNode | undefined {
    return this.nodes.find((node) => node.id === id);
  }

  get(id: number): RegisteredNode {
    return at(this.nodes, id - 1);
  }

  refusesOwner(id: number, caller: Hex): Refusal {
    const node = this.find(id);
    if (!node) return "UnknownNode";
    if (node.owner !== caller) return "NotNodeOwner";
  }

  refusesOperator(id: number, caller: Hex): Refusal {
    if (this.find(id)?.operator === caller) return;
    return this.refusesOwner(id, caller);
  }

  register(owner: Hex, key: ProvenKey, networkKey: Hex, endpoints: string, next: number): Refusal {
    const refusal = refusesEndpoints(endpoints) ?? this.#refusesUsed(key) ?? this.#useNetworkKey(networkKey);
    if (refusal) return refusal;
    if (!key.valid) {
      this.#networkKeys.delete(networkKey);
      return "InvalidProofOfPossession";
    }
    const keys = [{ signer: key.signer, fromEpoch: next }];
    const id = this.nodes.length + 1;
    this.nodes.push({ id, owner, operator: NOBODY, payee: owner, optedIn: true, networkKey, keys });
  }

  rotateKeys(id: number, caller: Hex, key: ProvenKey, next: number): Refusal {
    const refusal = this.refusesOperator(id, caller);
    if (refusal) return refusal;
    const { keys } = this.get(id);
    if (at(keys, keys.length - 1).fromEpoch > next) return "RotatedThisEpoch";
    const used = this.#refusesUsed(key);
    if (used) return used;
    if (!key.valid) return "InvalidProofOfPossession";
    keys.push({ signer: key.signer, fromEpoch: next + 1 });
  }

  rotateNetworkKey(id: number, caller: Hex, networkKey: Hex): Refusal {
    const refusal = this.refusesOperator(id, caller) ?? this.#useNetworkKey(networkKey);
    if (refusal) return refusal;
    this.get(id).networkKey = networkKey;
  }

  setEndpoints(id: number, caller: Hex, endpoints: string): Refusal {
    return this.refusesOperator(id, caller) ?? refusesEndpoints(endpoints);
  }

  setParticipation(id: number, caller: Hex, optedIn: boolean): Refusal {
    const refusal = this.refusesOperator(id, caller);
    if (refusal) return refusal;
    this.get(id).optedIn = optedIn;
  }

  setOperator(id: number, caller: Hex, operator: Hex): Refusal {
    const refusal = this.refusesOwner(id, caller);
    if (refusal) return refusal;
    this.get(id).operator = operator;
  }

  setPayee(id: number, caller: Hex, payee: Hex): Refusal {
    const refusal = this.refusesOwner(id, caller);
    if (refusal) return refusal;
    if (payee === NOBODY) return "ZeroRecipient";
    this.get(id).payee = payee;
  }

  /** The newest that may act; undefined: none may yet. */
  versionAt(id: number, epoch: number): number | undefined {
    const version = this.get(id).keys.findLastIndex(({ fromEpoch }) => fromEpoch <= epoch);
    return version < 0 ? undefined : version;
  }

  #refusesUsed({ signer }: ProvenKey): Refusal {
    const isSame = ({ signer: known }: ConsensusKey) => equalBytes(known.publicKey, signer.publicKey);
    if (this.nodes.some(({ keys }) => keys.some(isSame))) return "KeyAlreadyUsed";
  }

  #useNetworkKey(networkKey: Hex): Refusal {
    if (networkKey === NO_NETWORK_KEY) return "ZeroNetworkKey";
    if (this.#networkKeys.has(networkKey)) return "NetworkKeyAlreadyUsed";
    this.#networkKeys.add(networkKey);
  }
}

function refusesEndpoints(endpoints: string): Refusal {
  if (endpoints.length > MAX_ENDPOINTS) return "EndpointsTooLong";
  if (!/^[\x21-\x7e]*$/.test(endpoints)) return "InvalidEndpoints";
}
