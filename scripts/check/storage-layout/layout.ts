import { readFile } from "node:fs/promises";
import { buildContracts, projectHardhat } from "../../deploy/hardhat.ts";

/** Where a contract keeps what: one line per variable, structs apart. OpenZeppelin's own variables are in namespaces of theirs. */
export interface Layout {
  storage: string[];
  /** members by the struct's name */
  structs: Record<string, string[]>;
  /** structs that are elements of arrays, and so cannot grow */
  inArrays: string[];
}
export type Layouts = Record<string, Layout>;

/** What solc says. */
export interface SolcLayout {
  storage: SolcVariable[];
  types: Record<string, SolcType> | null;
}
interface SolcVariable {
  label: string;
  offset: number;
  slot: string;
  type: string;
}
interface SolcType {
  label: string;
  encoding: string;
  numberOfBytes: string;
  base?: string;
  key?: string;
  value?: string;
  members?: SolcVariable[];
}

/** Every contract whose code runs on a proxy's storage. */
const CONTRACTS = [
  "BuybackAuction",
  "ClientVault",
  "EpochSettlement",
  "FlkVotes",
  "NodeStaking",
  "ProtocolParameters",
  "ServiceRegistry",
  "SettlementControl",
  "Slasher",
];

/** As the contracts compile now. */
export async function currentLayouts(): Promise<Layouts> {
  const hre = await projectHardhat();
  await buildContracts(hre);
  const entries = await Promise.all(
    CONTRACTS.map(async (name): Promise<[string, Layout]> => {
      const { sourceName, inputSourceName, buildInfoId } = await hre.artifacts.readArtifact(name);
      const path = buildInfoId && (await hre.artifacts.getBuildInfoOutputPath(buildInfoId));
      if (!path) throw new Error(`${name} was not compiled here`);
      const { output } = JSON.parse(await readFile(path, "utf8")) as BuildInfoOutput;
      const compiled = output.contracts[inputSourceName ?? sourceName]?.[name];
      if (!compiled) throw new Error(`the compiler says nothing of ${name}`);
      return [name, readLayout(compiled.storageLayout)];
    }),
  );
  return Object.fromEntries(entries);
}

interface BuildInfoOutput {
  output: { contracts: Record<string, Record<string, { storageLayout: SolcLayout }>> };
}

/** Without the numbers that change with every edit. */
export function readLayout({ storage, types }: SolcLayout): Layout {
  const all = Object.values(types ?? {});
  const label = (type: string): string => types?.[type]?.label ?? type;
  const line = ({ label: name, offset, slot, type }: SolcVariable): string =>
    `slot ${slot} byte ${offset}: ${name} ${label(type)} (${types?.[type]?.numberOfBytes} bytes)`;
  const structs = all.filter((type) => type.members !== undefined);
  const elements = new Set<string>();
  for (const { base } of all) if (base !== undefined) addStructs(base, types ?? {}, elements);
  return {
    storage: storage.map(line),
    structs: Object.fromEntries(
      structs
        .map((type): [string, string[]] => [type.label, (type.members ?? []).map(line)])
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    inArrays: [...elements].sort(),
  };
}

/** The structs that lie within `type` itself; those behind a mapping have room to grow. */
function addStructs(type: string, types: Record<string, SolcType>, found: Set<string>): void {
  const { label, members, base } = types[type] ?? {};
  if (label !== undefined && members) {
    found.add(label);
    for (const member of members) addStructs(member.type, types, found);
  }
  if (base !== undefined) addStructs(base, types, found);
}
