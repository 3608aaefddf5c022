import fc from "fast-check";
import { parseEther } from "viem";
import { type Action, action } from "./action.ts";

interface Change {
  functionName: string;
  values: Record<string, bigint>;
}

const one = (functionName: string, name: string, ...values: bigint[]): fc.Arbitrary<Change> =>
  fc.constantFrom(...values).map((value) => ({ functionName, values: { [name]: value } }));
const flk = (amount: number): bigint => parseEther(String(amount));

const shares = fc.tuple(
  fc.constantFrom(1n, 1_000n, 3_333n, 10_000n, 10_000n, 10_001n),
  fc.constantFrom(0n, 1n, 1_000n, 5_000n, 5_001n),
);
const slashing = shares.map(
  ([slash, reward]): Change => ({
    functionName: "setSlashing",
    values: { equivocationSlashBps: slash, reporterRewardBps: reward },
  }),
);

/** What stake, slashes and committees are measured by, within bounds and rules or not. */
const changes = fc.oneof(
  { arbitrary: slashing, weight: 2 },
  one("setMinStake", "minStake", 0n, flk(1_000), flk(15_000), flk(21_000), flk(500_000)),
  one("setMaxSlashPerEpoch", "maxSlashPerEpoch", 0n, flk(100), flk(100_000), flk(1_000_000), 2n ** 127n),
  one("setMaxLock", "maxLock", 0n, 60n, 7_200n, 100_000n),
  one("setThawPeriod", "thawPeriod", 60n, 770n, 3_600n, 7_200n, 400_000n),
  one("setEvidenceWindow", "evidenceWindow", 0n, 1n, 60n, 61n, 120n, 6_000n),
  one("setEpochLength", "epochLengthMs", 999n, 15_000n, 30_000n, 60_001n, 90_000_000n),
);

/** The value, and now and then the same call by somebody else. */
export const parameterChanges: fc.Arbitrary<Action> = fc
  .tuple(changes, fc.nat({ max: 11 }))
  .map(([{ functionName, values }, dice]) => {
    const stranger = dice === 0;
    return action(
      `${functionName}(${Object.values(values)})${stranger ? " by somebody" : ""}`,
      (all, network) => ({
        from: stranger ? network.outsider : network.governance,
        call: { ...network.contracts.parameters, functionName, args: Object.values(values) },
        books: () =>
          stranger ? "AccessManagedUnauthorized" : all.parameters.set(values, all.bridge.nextEpoch),
      }),
    );
  });
