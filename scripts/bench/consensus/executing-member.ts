import { useNativeSszHasher } from "#protocol/crypto/ssz-hasher.ts";
import { chainProcess } from "../support/chain-process.ts";
import { endpointOf } from "../support/loopback.ts";
import { fail } from "../support/processes.ts";
import { now } from "../support/usage.ts";
import { type MemberParts, type Ordering, runMember } from "./member-process.ts";
import { signedTransfer, TransferReader, transferAccounts } from "./transfers.ts";

/** With the whole chain in this process: it orders, checks, executes, attests and stores. Its client hands in what was signed before. */
async function executing({ setup, network, sums, committed }: MemberParts): Promise<Ordering> {
  useNativeSszHasher();
  const { nodeId: self, members, dir, startTime, timing, transfers } = setup;
  const accounts = transferAccounts(members);
  const reader = new TransferReader(accounts);
  const signed = Array.from({ length: transfers }, (_, sequence) => signedTransfer(self, sequence, accounts));
  return {
    transaction: (sequence) => signed[sequence] ?? signedTransfer(self, sequence, accounts),
    async start(addresses) {
      const endpoints = addresses.map(endpointOf);
      const { chain } = await chainProcess({
        ...{ self, dir, startTime, endpoints, accounts, network, sums, timing },
      });
      const firstBlock = new Promise<void>((resolve) => chain.onBlock(() => resolve()));
      chain.onBlock(({ block }) => {
        // "OK" is the first code
        const executed = block.receipts.map(({ status }) => status === 0);
        committed(reader.rangesOf(block.input.transactions, executed, now()));
      });
      await chain.start();
      await firstBlock;
      return async (transactions) => {
        // of other accounts, so that none waits for another's place on the disk
        await Promise.all(transactions.map((transaction) => chain.submit(transaction)));
      };
    },
  };
}

await runMember(executing).catch(fail);
