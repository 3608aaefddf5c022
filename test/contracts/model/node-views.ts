import { keccak256 } from "viem";
import { aggregateKeyEip2537, g1ToEip2537 } from "#protocol/crypto/eip2537.ts";
import { type Hex, toHex } from "#protocol/types/hex.ts";
import type { Books } from "./books.ts";
import type { Contracts } from "./contracts.ts";
import type { ConsensusKey, RegisteredNode } from "./registry-ledger.ts";
import { refused, type View, view } from "./views.ts";

const NEVER = 2n ** 64n - 1n;

/** Who runs each node and what it has at stake. */
export function nodeViews({ staking }: Contracts, books: Books): View[] {
  const { nodes } = books.registry;
  const requests = (id: number) =>
    books.staking.get(id).requests.map((request) => ({
      id: BigInt(request.id),
      maturesAt: BigInt(request.maturesAt),
      amount: request.amount,
    }));
  return [
    view(
      staking,
      "nodes",
      [1, 100],
      nodes.map((node) => infoOf(books, node)),
    ),
    view(staking, "pausedUntil", [], books.staking.pausedUntil),
    ...nodes.map(({ id }) => view(staking, "thawingRequests", [id], requests(id))),
  ];
}

/** What follows from it. */
export function boundViews({ staking }: Contracts, books: Books): View[] {
  const { nodes } = books.registry;
  const unknown = nodes.length + 1;
  return [
    view(staking, "nodeCount", [], nodes.length),
    refused(staking, "node", [unknown], "UnknownNode"),
    refused(staking, "stakeBound", [unknown], "UnknownNode"),
    view(staking, "slashable", [unknown], 0n),
    ...nodes.flatMap((node) => [
      view(staking, "node", [node.id], infoOf(books, node)),
      view(staking, "stakeBound", [node.id], books.staking.bound(node.id)),
      view(staking, "slashable", [node.id], books.staking.available(node.id)),
    ]),
  ];
}

function infoOf(
  { staking }: Books,
  { id, owner, operator, payee, optedIn, networkKey, keys }: RegisteredNode,
) {
  const { staked, lockedUntil, slashed } = staking.get(id);
  return {
    owner,
    keyVersion: keys.length - 1,
    optedIn,
    operator,
    payee,
    lockedUntil: BigInt(lockedUntil),
    networkKey,
    staked,
    thawing: staking.thawing(id),
    slashed,
  };
}

/** Every key that there ever was, and which one acts when. */
export function keyViews({ staking }: Contracts, { registry, staking: stakes, bridge }: Books): View[] {
  const ofNode = ({ id, keys, networkKey }: RegisteredNode): View[] => {
    const keyViews = keys.flatMap((key, version) => {
      const keyId = idOf(id, version);
      const next = keys[version + 1];
      const liability = [stakes.available(id), BigInt(key.fromEpoch), next ? BigInt(next.fromEpoch) : NEVER];
      return [
        view(staking, "keyOf", [id, version], encoded(key)),
        view(staking, "keyOwner", [keccak256(encoded(key))], [id, version, BigInt(key.fromEpoch)]),
        view(staking, "liabilityOf", [keyId], liability),
      ];
    });
    const first = keys[0]?.fromEpoch ?? 0;
    const epochs = [first - 1, first, bridge.nextEpoch - 1, bridge.nextEpoch, bridge.nextEpoch + 1];
    const versions = [...new Set(epochs)]
      .filter((epoch) => epoch >= 0)
      .map((epoch) => {
        const version = registry.versionAt(id, epoch);
        const args = [id, BigInt(epoch)];
        return version === undefined
          ? refused(staking, "keyVersionAt", args, "NoKeyYet")
          : view(staking, "keyVersionAt", args, version);
      });
    const used = view(staking, "isNetworkKeyUsed", [networkKey], true);
    return [...keyViews, ...versions, used, refused(staking, "keyOf", [id, keys.length], "UnknownKey")];
  };
  return [...registry.nodes.flatMap(ofNode), sumView(staking, registry.nodes)];
}

function sumView(staking: Contracts["staking"], nodes: RegisteredNode[]): View {
  const newest = nodes.flatMap(({ id, keys }) =>
    keys.slice(-1).map((key) => ({ id, version: keys.length - 1, key })),
  );
  const sum = aggregateKeyEip2537(newest.map(({ key }) => key.signer.publicKey));
  return view(staking, "sumOfKeys", [newest.map(({ id, version }) => idOf(id, version))], toHex(sum));
}

function idOf(id: number, version: number): bigint {
  return (BigInt(id) << 32n) | BigInt(version);
}

const points = new Map<string, Hex>();
function encoded({ signer: { publicKey } }: ConsensusKey): Hex {
  const name = toHex(publicKey);
  const point = points.get(name) ?? toHex(g1ToEip2537(publicKey));
  points.set(name, point);
  return point;
}
