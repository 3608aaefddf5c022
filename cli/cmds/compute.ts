import type { Command } from "commander";
import { MAX_COMPUTE_MS } from "#protocol/types/edge-http.ts";
import { type CommonOptions, examples, wholeNumber, withAll } from "./options.ts";

export type ComputeCommand = CommonOptions & {
  node?: number;
  service: number;
  lane: number;
  input?: string;
  maxMs: number;
  maxReserve: string;
  maxPrice?: string;
  output?: string;
};

export function registerCompute(program: Command): void {
  withAll(program.command("compute"))
    .description("run a WebAssembly module at a node, by its BLAKE3 hash, and sign for the ms it takes")
    .argument("<module>", "0x-prefixed BLAKE3 hash of the module, which the node holds")
    .option("--input <file>", "what the module reads (default: nothing)")
    .option(
      "--max-ms <n>",
      "end the run after so many ms, and pay no more, at all nodes together",
      wholeNumber(1, MAX_COMPUTE_MS),
      10_000,
    )
    .option(
      "--node <id>",
      "id of the node to ask (default: every node in turn until one runs it)",
      wholeNumber(1, 0xffff_ffff),
    )
    .option("--service <id>", "the service that is paid", wholeNumber(0, 65_535), 0)
    .option("--lane <n>", "lane number: two runs at once use two", wholeNumber(0, 1_000_000), 0)
    .option("--max-reserve <usd>", "lock at most as much for a node ahead of the run; 0: nothing", "1")
    .option("--max-price <usd>", "pay at most so much for 10^9 ms (default: the price when it begins)")
    .option("-o, --output <file>", "write to a file (default: stdout)")
    .addHelpText(
      "after",
      examples(
        "flk compute 0x7f3c… --input data.bin -o result.bin",
        "flk compute 0x7f3c… --max-ms 500 --json -o out",
      ),
    )
    .action(async (module: string, options: ComputeCommand) => {
      const { computeToFile } = await import("../actions/compute.ts");
      await computeToFile(module, options);
    });
}
