import { activateDue } from "#client/actions/activate.ts";
import { epochSettlementAbi } from "#protocol/abi/EpochSettlement.ts";
import { errorCode } from "#protocol/errors/error.ts";
import { claimAll } from "../actions/money.ts";
import { pause } from "./wait.ts";
import type { Cast, World } from "./world.ts";

const EVERY_MS = 500;

/** Follows the settlements on the L2, makes them active when they are due, and claims for everybody after each, as `flk claim --all` does, until `signal`. */
export async function keepClaiming(world: World, cast: Cast, signal: AbortSignal): Promise<void> {
  const { status, display } = world;
  let claimedUpTo = -1;
  while (!signal.aborted) {
    await pause(EVERY_MS, signal);
    try {
      await noteSettlements(world, cast);
      const { node, l2 } = cast.keeper.persona;
      await activateDue(node, l2);
      const { activeEpochs } = await l2.public.readContract({
        address: l2.contracts.settlement,
        abi: epochSettlementAbi,
        functionName: "status",
      });
      status.activeUpTo = Number(activeEpochs) - 1;
      if (status.activeUpTo <= claimedUpTo) continue;
      const { claims, epoch, failed } = await claimAll(cast.keeper.persona);
      status.claims += claims.length;
      for (const { account, reason } of failed) display.line(`${account} could not be paid: ${reason}`);
      claimedUpTo = epoch;
      status.claimedUpTo = epoch;
      display.line(`epoch ${epoch}: active on the L2, ${claims.length} accounts claimed`);
    } catch (error) {
      // the L2 or the node does not answer, or a newer settlement came between the proof and the claim: next round
      const code = errorCode(error);
      status.retries.set(code, (status.retries.get(code) ?? 0) + 1);
    }
  }
}

async function noteSettlements(world: World, cast: Cast): Promise<void> {
  const { status, display } = world;
  const { l2 } = cast.keeper.persona;
  const head = await l2.public.getBlockNumber();
  if (head <= status.postedBlock) return;
  const logs = await l2.public.getContractEvents({
    address: l2.contracts.settlement,
    abi: epochSettlementAbi,
    eventName: "Settled",
    fromBlock: status.postedBlock + 1n,
    toBlock: head,
    strict: true,
  });
  for (const { args, transactionHash, blockNumber } of logs) {
    const { gasUsed } = await l2.public.getTransactionReceipt({ hash: transactionHash });
    const epoch = Number(args.epoch);
    status.postedBlock = blockNumber;
    status.posted.push({ epoch, gas: gasUsed, txHash: transactionHash });
    display.line(`epoch ${epoch}: posted on the L2 in ${transactionHash}, ${gasUsed} gas`);
  }
}
