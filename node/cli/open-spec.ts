import { existsSync } from "node:fs";
import type { ChainSpec } from "../../chain-spec/chain-spec.ts";
import { devSpec, localSpec } from "../../chain-spec/presets.ts";
import { SpecError } from "../../chain-spec/spec-error.ts";
import { maxSpecBytes, parseChainSpec } from "../../chain-spec/spec-file.ts";
import { buildGenesis, genesisFields } from "../../runtime/genesis.ts";
import { keyText } from "../../runtime/primitives/key-text.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import { slotMsOf } from "../consensus/poh-consensus.ts";
import { readGiven } from "../keystore/given-file.ts";
import { UsageError } from "./usage-error.ts";

/** The specification of `dev`, `local`, or a file. */
export function openSpec(chain: string): ChainSpec {
  if (chain === "dev") return devSpec();
  if (chain === "local") return localSpec();
  if (!existsSync(chain))
    throw new UsageError(`there is no chain "${chain}": use dev, local, or the path of a specification`);
  return parseChainSpec(readGiven(chain, "the specification", maxSpecBytes).toString(), genesisFields);
}

/** The first state of the chain. Throws a `SpecError` for one on which no chain can stand. */
export function genesisOf(spec: ChainSpec): Changes {
  try {
    const state: Changes =
      spec.genesis.type === "raw"
        ? new Map(spec.genesis.top.map(([key, value]) => [keyText(key), value]))
        : buildGenesis(spec.genesis.config);
    slotMsOf(state);
    return state;
  } catch (error) {
    throw new SpecError("genesis", (error as Error).message);
  }
}
