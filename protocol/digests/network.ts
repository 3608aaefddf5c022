import { encodeAbiParameters, keccak256 } from "viem";
import { fromHex, type Hex } from "../types/hex.ts";

/** Names one deployment: every digest and signature is bound to it. */
export interface NetworkContext {
  chainId: number;
  /** the EpochSettlement contract */
  settlement: Hex;
  /** 32 bytes */
  networkId: Uint8Array;
}

/** networkId = keccak256(abi.encode(chainId, settlement)), DESIGN §4. */
export function networkContext(chainId: number, settlement: Hex): NetworkContext {
  const networkId = fromHex(
    keccak256(encodeAbiParameters([{ type: "uint256" }, { type: "address" }], [BigInt(chainId), settlement])),
  );
  return { chainId, settlement, networkId };
}
