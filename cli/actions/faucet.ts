import type { CommonOptions } from "../cmds/options.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { fund, openDeployer } from "../devnet/l2.ts";
import { DEVNET_CHAIN_ID } from "../devnet/options.ts";
import { cliError } from "../errors.ts";
import { formatFlk, formatStable, parseAddress } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { ownerAddress } from "./keys.ts";
import { openReader } from "./persona.ts";

/** wei, micro-USD */
const FLK = 15_000n * 10n ** 18n;
const STABLE = 1_000n * 10n ** 6n;

/** Pays from the public account that every development chain unlocks. @throws ERR_FAUCET elsewhere */
export async function openFaucet(named: string | undefined, options: CommonOptions): Promise<void> {
  const typed = named === undefined ? undefined : parseAddress(named);
  const home = resolveHome(options.home);
  const config = await loadConfig(home);
  const { chain_id: chainId, contracts, deploy_block: deployBlock, rpc_urls } = config.l2;
  if (chainId !== DEVNET_CHAIN_ID) {
    const message = `play money is only on a local network (chain ${DEVNET_CHAIN_ID}), not on chain ${chainId}`;
    throw cliError("ERR_FAUCET", message, { chainId });
  }
  const address = typed ?? (await ownerAddress(home));
  await openReader(home, config);
  await fund(
    openDeployer(rpc_urls[0] ?? ""),
    { chainId, deployBlock, contracts },
    { operators: [{ address, flk: FLK }], clients: [{ address, stable: STABLE }], gasOnly: [] },
  );
  createOutput(options).data({ address, flk: FLK, stable: STABLE }, [
    `${formatFlk(FLK)}, ${formatStable(STABLE)} and gas money for ${address}`,
  ]);
}
