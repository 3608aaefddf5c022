import { privateKeyToAccount } from "viem/accounts";
import { blake3 } from "#crypto";
import {
  ackDigest,
  delegationDigest,
  EMPTY_LOG,
  extendLog,
  reserveDigest,
  runHash,
  signAck,
  signDelegation,
  signReserve,
} from "#protocol/digests/ack.ts";
import { clientHandshakeDigest, nodeHandshakeDigest } from "#protocol/digests/handshake.ts";
import { laneId, transactionId } from "#protocol/digests/ids.ts";
import {
  type AccountTransaction,
  accountDigest,
  accountTypedData,
  encodeAccountTransaction,
  type NodeTransaction,
  nodeDigest,
  serializePayload,
  signNodeTransaction,
} from "#protocol/digests/transactions.ts";
import { Ack, AckConflict, Delegation, Reserve } from "#protocol/types/ack.ts";
import { Handshake } from "#protocol/types/delivery.ts";
import { fromHex, toHex } from "#protocol/types/hex.ts";
import { TX } from "#protocol/types/transactions.ts";
import {
  ACCOUNT_KEY,
  ack,
  counting,
  DELEGATION_ORIGIN,
  delegation,
  handshake,
  network,
  networkSigner,
  reserve,
  SECRETS,
  sessionSigner,
  subkeySigner,
} from "./samples.ts";

const account = privateKeyToAccount(ACCOUNT_KEY);
const sender = fromHex(account.address);

const ACCOUNT_TRANSACTIONS: Record<string, AccountTransaction> = {
  transfer: {
    kind: TX.transfer,
    body: { account: sender, nonce: 1, to: counting(20, 60), amount: 2n ** 63n + 1n },
  },
  withdraw: { kind: TX.withdraw, body: { account: sender, nonce: 2, amount: 7n } },
  authorizeSession: {
    kind: TX.authorizeSession,
    body: {
      account: sender,
      nonce: 3,
      scheme: 0,
      key: sessionSigner.publicKey,
      expiryEpoch: 99,
      limit: 5_000_000n,
    },
  },
  revokeSession: {
    kind: TX.revokeSession,
    body: { account: sender, nonce: 4, key: sessionSigner.publicKey },
  },
};

const NODE_TRANSACTIONS: Record<string, NodeTransaction> = {
  submitAcks: {
    kind: TX.submitAcks,
    body: {
      node: 3,
      sequence: 9,
      acks: [
        signAck(network.networkId, ack, sessionSigner),
        signAck(network.networkId, { ...ack, session: subkeySigner.publicKey }, subkeySigner),
      ],
      delegations: [signDelegation(network.networkId, delegation, sessionSigner)],
    },
  },
  optIn: { kind: TX.optIn, body: { node: 3, nonce: 5 } },
  optOut: { kind: TX.optOut, body: { node: 3, nonce: 6 } },
  reserve: {
    kind: TX.reserve,
    body: {
      node: reserve.node,
      sequence: 10,
      signed: signReserve(network.networkId, reserve, sessionSigner),
      delegations: [],
    },
  },
  submitReputation: {
    kind: TX.submitReputation,
    body: {
      node: 3,
      epoch: 5,
      peers: [
        {
          ...{ node: 7, probes: 24, reached: 23, answered: 90_000, failed: 8, wrong: 9 },
          ...{ latencyUs: 12_345, throughput: 67_890 },
        },
      ],
    },
  },
};

async function accountVector(name: string, tx: AccountTransaction) {
  const typed = accountTypedData(network, tx);
  const signature = await account.signTypedData(typed);
  const wire = encodeAccountTransaction(tx, signature);
  return {
    name,
    kind: tx.kind,
    payload: toHex(serializePayload(tx)),
    digest: toHex(accountDigest(network, tx)),
    signer: account.address.toLowerCase(),
    signature,
    wire: toHex(wire),
    id: toHex(transactionId(wire)),
  };
}

function nodeVector(name: string, tx: NodeTransaction) {
  const wire = signNodeTransaction(network, tx, networkSigner);
  return {
    name,
    kind: tx.kind,
    payload: toHex(serializePayload(tx)),
    digest: toHex(nodeDigest(network, tx)),
    signer: toHex(networkSigner.publicKey),
    wire: toHex(wire),
    id: toHex(transactionId(wire)),
  };
}

export async function transactionVectors() {
  const accountSigned = Object.entries(ACCOUNT_TRANSACTIONS).map(([name, tx]) => accountVector(name, tx));
  return {
    chainId: network.chainId,
    settlement: network.settlement,
    networkId: toHex(network.networkId),
    accountSigned: await Promise.all(accountSigned),
    nodeSigned: Object.entries(NODE_TRANSACTIONS).map(([name, tx]) => nodeVector(name, tx)),
  };
}

/** A subkey's two acknowledgements with one count. */
function conflictVector() {
  const { networkId } = network;
  const first = { ...ack, session: subkeySigner.publicKey };
  const signed = signDelegation(networkId, delegation, sessionSigner);
  return AckConflict.serialize({
    first: signAck(networkId, first, subkeySigner),
    second: signAck(networkId, { ...first, units: first.units + 1n }, subkeySigner),
    delegations: [signed],
  });
}

function handshakeVector() {
  const { networkId } = network;
  const [node, client] = [
    nodeHandshakeDigest(networkId, handshake),
    clientHandshakeDigest(networkId, handshake),
  ];
  return {
    ssz: toHex(Handshake.serialize(handshake)),
    nodeKey: toHex(networkSigner.publicKey),
    nodeDigest: toHex(node),
    nodeSignature: toHex(networkSigner.sign(node)),
    clientDigest: toHex(client),
    clientSignature: toHex(sessionSigner.sign(client)),
  };
}

function runVector() {
  const [module, input] = [blake3(counting(100, 50)), counting(10, 60)];
  return {
    module: toHex(module),
    input: toHex(input),
    contentHash: toHex(runHash(module, blake3(input))),
  };
}

export function ackVectors() {
  const deliveries = [
    { contentHash: counting(32, 70), offset: 0n, units: 262_144n },
    { contentHash: counting(32, 70), offset: 262_144n, units: 1n },
    { contentHash: counting(32, 71), offset: 2n ** 63n, units: 2n ** 64n - 1n },
  ];
  let log = EMPTY_LOG;
  const chain = deliveries.map((delivery) => {
    log = extendLog(log, delivery);
    return {
      contentHash: toHex(delivery.contentHash),
      offset: delivery.offset.toString(),
      units: delivery.units.toString(),
      log: toHex(log),
    };
  });
  return {
    networkId: toHex(network.networkId),
    secrets: {
      session: toHex(SECRETS.session),
      subkey: toHex(SECRETS.subkey),
      network: toHex(SECRETS.network),
    },
    handshake: handshakeVector(),
    ack: {
      ssz: toHex(Ack.serialize(ack)),
      digest: toHex(ackDigest(network.networkId, ack)),
      signature: toHex(signAck(network.networkId, ack, sessionSigner).signature),
      laneId: toHex(laneId(ack)),
    },
    reserve: {
      ssz: toHex(Reserve.serialize(reserve)),
      digest: toHex(reserveDigest(network.networkId, reserve)),
      signature: toHex(signReserve(network.networkId, reserve, sessionSigner).signature),
    },
    delegation: {
      ssz: toHex(Delegation.serialize(delegation)),
      digest: toHex(delegationDigest(network.networkId, delegation)),
      signature: toHex(signDelegation(network.networkId, delegation, sessionSigner).signature),
      origin: DELEGATION_ORIGIN,
    },
    conflict: { ssz: toHex(conflictVector()) },
    log: chain,
    run: runVector(),
  };
}
