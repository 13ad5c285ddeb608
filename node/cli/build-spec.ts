import type { Command } from "commander";
import { printChainSpec } from "../../chain-spec/spec-file.ts";
import { genesisFields } from "../../runtime/genesis.ts";
import { textKey } from "../../runtime/primitives/key-text.ts";
import { genesisOf, openSpec } from "./open-spec.ts";

/** `matrixai build-spec`: prints a chain specification, as people edit it or as nodes compare it. */
export function register(parent: Command): void {
  parent
    .command("build-spec")
    .description("print a chain specification")
    .option("--chain <chain>", "`dev`, `local`, or the path of a specification", "dev")
    .option(
      "--raw",
      "write the first state as storage entries, which later releases read the same way",
      false,
    )
    .action((args: { readonly chain: string; readonly raw: boolean }) => {
      const spec = openSpec(args.chain);
      // Built in either case, so that a configuration that no chain can begin with is refused.
      const state = genesisOf(spec);
      const entries = [...state].map(([key, value]) => [textKey(key), value ?? new Uint8Array()] as const);
      const top = entries.toSorted(([a], [b]) => Buffer.compare(a, b));
      const printed = args.raw ? { ...spec, genesis: { type: "raw", top } as const } : spec;
      process.stdout.write(printChainSpec(printed, genesisFields));
    });
}
