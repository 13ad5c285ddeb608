/** `childstate_*`: this chain has no child tries, so every one that is asked about is empty. */
import { call, type Methods } from "./server/method.ts";
import { hex, listOf, optional, whole } from "./server/params.ts";
import type { Services } from "./services.ts";
import { stateAt } from "./states.ts";
import { hash } from "./wire.ts";

export function childstateMethods({ chain }: Pick<Services, "chain">): Methods {
  const child = hex;
  const at = optional(hash);
  /** Answers `empty` where the block has a state, so that a wrong block is still told apart. */
  const empty = (value: unknown) => (args: { readonly at: `0x${string}` | undefined }) => {
    stateAt(chain, args.at);
    return value;
  };
  const keysPaged = call(
    { child, prefix: optional(hex), count: whole(2 ** 32 - 1), startKey: optional(hex), at },
    empty([]),
  );
  const readProof = call({ child, keys: listOf(hex, 10_000), at }, ({ at = chain.best.hash }) => ({
    at,
    proof: empty([])({ at }),
  }));

  return {
    childstate_getKeys: call({ child, prefix: hex, at }, empty([])),
    childstate_getKeysPaged: keysPaged,
    childstate_getKeysPagedAt: keysPaged,
    childstate_getStorage: call({ child, key: hex, at }, empty(null)),
    childstate_getStorageEntries: call({ child, keys: listOf(hex, 10_000), at }, (args) => {
      stateAt(chain, args.at);
      return args.keys.map(() => null);
    }),
    childstate_getStorageHash: call({ child, key: hex, at }, empty(null)),
    childstate_getStorageSize: call({ child, key: hex, at }, empty(null)),
    state_getChildReadProof: readProof,
  };
}
