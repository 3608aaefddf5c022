import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type Artifact,
  type ArtifactId,
  CollectStackTraces,
  EdrContext,
  L1_CHAIN_TYPE,
  l1GenesisState,
  l1HardforkFromString,
  l1SolidityTestRunnerFactory,
  type SolidityTestRunnerConfigArgs,
  type SuiteResult,
  TestStatus,
} from "@nomicfoundation/edr";
import type { SolidityTestProfileConfig } from "hardhat/types/test";
import { projectHardhat, ROOT } from "#scripts/deploy/hardhat.ts";
import type { Compilation } from "./compiler.ts";

const HARDFORK = "prague";

/** One test contract. */
export interface Suite {
  readonly name: string;
  readonly source: string;
}

/** How to run tests; what is left out is as in the configuration of Hardhat. */
export interface RunOptions {
  suites: readonly Suite[];
  /** regular expressions over the names of tests */
  only?: string;
  except?: string;
  fuzzRuns?: number;
  gasLimit?: bigint;
  /** an account that is there from the start */
  account?: { address: Uint8Array; balance: bigint };
  /** called with the probes that ran */
  onHits?: (hits: Uint8Array[]) => void;
}

export interface Outcome {
  suite: Suite;
  test: string;
  passed: boolean;
  reason: string | undefined;
  gas: bigint;
}

/** Runs compiled Solidity tests in this process, with the runner that Hardhat uses: milliseconds per run, not seconds. */
export class TestRunner {
  readonly suites: readonly Suite[];
  readonly #artifacts: Artifact[];
  readonly #ids: Map<Suite, ArtifactId>;
  readonly #context: EdrContext;

  private constructor(context: EdrContext, artifacts: Artifact[], ids: Map<Suite, ArtifactId>) {
    this.#context = context;
    this.#artifacts = artifacts;
    this.#ids = ids;
    this.suites = [...ids.keys()];
  }

  static async of(compilation: Compilation): Promise<TestRunner> {
    const artifacts: Artifact[] = [];
    const ids = new Map<Suite, ArtifactId>();
    for (const [source, contracts] of Object.entries(compilation.contracts)) {
      for (const [name, { abi, evm }] of Object.entries(contracts)) {
        const id = { name, source, solcVersion: "0.8.37" };
        const contract = {
          abi: JSON.stringify(abi),
          bytecode: `0x${evm.bytecode.object}`,
          linkReferences: evm.bytecode.linkReferences,
          deployedBytecode: `0x${evm.deployedBytecode.object}`,
        };
        artifacts.push({ id, contract });
        const tests = abi.some(
          (entry) => entry.type === "function" && /^(test|invariant)/.test(entry.name ?? ""),
        );
        if (tests && evm.bytecode.object !== "") ids.set({ name, source }, id);
      }
    }
    return new TestRunner(await edr(), artifacts, ids);
  }

  async run(options: RunOptions): Promise<Outcome[]> {
    const suites = options.suites.flatMap((suite) => this.#ids.get(suite) ?? []);
    if (suites.length === 0) return [];
    const config = await runnerConfig(options);
    const tracing = { buildInfos: [], ignoreContracts: true };
    const done: SuiteResult[] = [];
    // The results of suites may come after the run is over.
    const all = Promise.withResolvers<void>();
    const onSuite = (suite: SuiteResult): void => {
      if (done.push(suite) === suites.length) all.resolve();
    };
    await this.#context.runSolidityTests(L1_CHAIN_TYPE, this.#artifacts, suites, config, tracing, onSuite);
    await all.promise;
    return done.flatMap(({ id, testResults }) =>
      testResults.map(({ name, status, reason, kind }) => ({
        suite: id,
        test: name,
        passed: status !== TestStatus.Failure,
        reason,
        gas: "consumedGas" in kind ? kind.consumedGas : 0n,
      })),
    );
  }
}

let context: Promise<EdrContext> | undefined;

/** EDR wants to be there once per process. */
function edr(): Promise<EdrContext> {
  context ??= (async () => {
    const made = new EdrContext();
    await made.registerSolidityTestRunnerFactory(L1_CHAIN_TYPE, l1SolidityTestRunnerFactory());
    return made;
  })();
  return context;
}

let profile: Promise<SolidityTestProfileConfig> | undefined;

/** The project's own settings of Solidity tests. */
function configured(): Promise<SolidityTestProfileConfig> {
  profile ??= projectHardhat().then(({ config }) => {
    const found = config.test.solidity.profiles.default;
    if (!found) throw new Error("Hardhat has no default profile");
    return found;
  });
  return profile;
}

async function runnerConfig(options: RunOptions): Promise<SolidityTestRunnerConfigArgs> {
  const { isolate, allowInternalExpectRevert, fuzz, invariant } = await configured();
  const { only, except, fuzzRuns, gasLimit, account, onHits } = options;
  const predeploys = l1GenesisState(l1HardforkFromString(HARDFORK));
  if (account) predeploys.push({ ...account, code: new Uint8Array([0]) });
  return {
    ...(isolate === undefined ? {} : { isolate }),
    ...(allowInternalExpectRevert === undefined ? {} : { allowInternalExpectRevert }),
    projectRoot: ROOT,
    hardfork: HARDFORK,
    localPredeploys: predeploys,
    disableBlockGasLimit: true,
    disableTransactionGasCap: true,
    collectStackTraces: CollectStackTraces.OnFailure,
    fuzz: { ...fuzz, ...(fuzzRuns === undefined ? {} : { runs: fuzzRuns }) },
    ...(invariant ? { invariant } : {}),
    ...(only === undefined ? {} : { testPattern: only }),
    ...(except === undefined ? {} : { excludeTestPattern: except }),
    ...(gasLimit === undefined ? {} : { gasLimit }),
    // Settings in a test's own comment win over those here, so they count in a run that changes none.
    testSourcePaths: fuzzRuns === undefined ? sourcePaths(options.suites) : {},
    ...(onHits
      ? { observability: { codeCoverage: { onCollectedCoverageCallback: async (hits) => onHits(hits) } } }
      : {}),
  };
}

function sourcePaths(suites: readonly Suite[]): Record<string, string> {
  const paths = suites.map(({ source }) => [source, join(ROOT, source)] as const);
  return Object.fromEntries(paths.filter(([, path]) => existsSync(path)));
}
