import { toFunctionSelector } from "viem";
import { getServices } from "#client/actions/get-services.ts";
import { registerService as sendRegistration } from "#client/actions/register-service.ts";
import { setServicePrice } from "#client/actions/set-service-price.ts";
import { accessManagerAbi } from "#protocol/abi/AccessManager.ts";
import type { CommonOptions } from "../cmds/options.ts";
import { resolveHome } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { encodeCall } from "../governance/calls.ts";
import { requireContract } from "../governance/contracts.ts";
import { formatStable, parseAddress, parsePrice } from "../io/amounts.ts";
import { createOutput } from "../io/output.ts";
import { table } from "../io/table.ts";
import { proposeCalls } from "./governance.ts";
import { openReader, type Persona, personaOf } from "./persona.ts";

export interface RegisterOptions extends CommonOptions {
  owner?: string;
  metadata: string;
  price: string[];
  description?: string;
}

const REGISTER = "registerFor(address,string,uint64[])";

/** True when the wallet may register services without a vote. */
async function isAdministrator({ l2, config, address }: Persona): Promise<boolean> {
  const { services } = config.l2.contracts;
  const [allowed] = await l2.public.readContract({
    address: requireContract(config.l2.contracts, "access_manager"),
    abi: accessManagerAbi,
    functionName: "canCall",
    args: [address, services, toFunctionSelector(REGISTER)],
  });
  return allowed;
}

export async function registerService(options: RegisterOptions): Promise<void> {
  const prices = options.price.map(parsePrice);
  const named = options.owner === undefined ? undefined : parseAddress(options.owner);
  const persona = await personaOf(options);
  const owner = named ?? persona.address;
  const { metadata } = options;
  if (await isAdministrator(persona)) {
    const { id, txHash } = await sendRegistration(persona.l2, { owner, metadataUri: metadata, prices });
    createOutput(options).data({ service: id, owner, txHash }, [`registered as service ${id} of ${owner}`]);
    return;
  }
  const args = [owner, metadata, prices.map(String)];
  const call = encodeCall(persona.config.l2.contracts, { call: `services.${REGISTER}`, args });
  const description = options.description ?? `Register the service ${metadata} of ${owner}`;
  await proposeCalls(persona, { calls: [call], description }, options);
}

export async function setPrice(
  service: number,
  commodity: number,
  usd: string,
  options: CommonOptions,
): Promise<void> {
  const price = parsePrice(usd);
  const persona = await personaOf(options);
  const { txHash } = await setServicePrice(persona.l2, { service, commodity, price });
  createOutput(options).data({ service, commodity, price, txHash }, [
    `service ${service} takes ${formatStable(price)} per 10^9 units of commodity ${commodity} from the next epoch on`,
  ]);
}

export async function listServices(options: CommonOptions): Promise<void> {
  const home = resolveHome(options.home);
  const { l2 } = await openReader(home, await loadConfig(home));
  const services = await getServices(l2);
  const rows = services.map(({ id, owner, metadataUri, prices }) => [
    String(id),
    owner,
    metadataUri,
    prices.map(formatStable).join(", "),
  ]);
  createOutput(options).data(services, table(["ID", "OWNER", "DESCRIBED AT", "PRICES PER 10^9 UNITS"], rows));
}
