import { writeCodeMarker } from "./code-marker.ts";
import { runtime } from "./index.ts";
import type { Fields } from "./primitives/codec.ts";
import { memoryBackend } from "./primitives/memory-backend.ts";
import { Overlay } from "./primitives/overlay.ts";
import type { Changes } from "./primitives/storage.ts";

/** By pallet name, the fields that its genesis declares; what is left out has the pallet's default. */
export type GenesisConfig = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** By pallet name, what its genesis can be told. */
export const genesisFields: ReadonlyMap<string, Fields> = new Map(
  runtime.pallets.flatMap(({ pallet }) => (pallet.genesis ? [[pallet.name, pallet.genesis.fields]] : [])),
);

/** All entries of the state that a chain begins with. Throws an `Error` that says what a pallet cannot begin with. */
export function buildGenesis(config: GenesisConfig): Changes {
  for (const name of Object.keys(config)) {
    if (!genesisFields.has(name)) throw new Error(`the runtime has no genesis for a pallet ${name}`);
  }
  const storage = new Overlay(memoryBackend());
  const ctx = runtime.context(storage);
  for (const { pallet } of runtime.pallets) {
    pallet.genesis?.build(ctx, { ...pallet.genesis.defaults, ...config[pallet.name] });
  }
  writeCodeMarker(ctx);
  return new Map([...storage.changes()].filter(([, value]) => value !== undefined));
}
