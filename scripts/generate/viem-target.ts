import { join } from "node:path";
import { type Config, type FileDescription, type Output, TypeChainTarget } from "typechain";

/**
 * TypeChain target for viem: one file per contract with its ABI `as const`, from which viem infers every type. Our own,
 * because TypeChain has none and its others bring ethers along.
 */
export class ViemTarget extends TypeChainTarget {
  readonly name = "viem";
  readonly #outDir: string;

  constructor(config: Config) {
    super(config);
    this.#outDir = config.outDir ?? config.cwd;
  }

  override transformFile(file: FileDescription): Output {
    const { contractName, abi }: { contractName: string; abi: readonly unknown[] } = JSON.parse(
      file.contents,
    );
    return {
      path: join(this.#outDir, `${contractName}.ts`),
      contents: `// Generated from contracts/ by \`npm run generate\`. Do not edit.\nexport const ${abiName(contractName)} = ${JSON.stringify(abi, null, 2)} as const;\n`,
    };
  }
}

/** FLK → flkAbi, MockUSD → mockUsdAbi, NodeStaking → nodeStakingAbi */
export function abiName(contractName: string): string {
  const words = contractName.match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*/g) ?? [contractName];
  const [first = "", ...rest] = words.map(
    (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase(),
  );
  return `${first.toLowerCase()}${rest.join("")}Abi`;
}

// biome-ignore lint/style/noDefaultExport: TypeChain loads a target as the default export of its module.
export { ViemTarget as default };
