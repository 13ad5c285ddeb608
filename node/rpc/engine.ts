/** `engine_*`: makes and finalizes blocks on request, on chains that are sealed by hand. */
import { RpcError } from "./server/error.ts";
import { type Methods, unsafeCall } from "./server/method.ts";
import { flag, hex, optional } from "./server/params.ts";
import type { Sealer } from "./services.ts";
import { hash } from "./wire.ts";

export function engineMethods(sealer: Sealer): Methods {
  return {
    engine_createBlock: unsafeCall(
      { createEmpty: flag, finalize: flag, parentHash: optional(hash) },
      async ({ createEmpty, finalize, parentHash }) => {
        const sealed = sealer.seal({ allowEmpty: createEmpty, finalize, parent: parentHash });
        const block = await sealed.catch(refuse);
        return {
          hash: block.hash,
          aux: {
            header_only: false,
            clear_justification_requests: false,
            needs_justification: false,
            bad_justification: false,
            is_new_best: block.isBest,
          },
        };
      },
    ),
    engine_finalizeBlock: unsafeCall({ hash, justification: optional(hex) }, async ({ hash }) => {
      await sealer.finalize(hash).catch(refuse);
      return true;
    }),
  };
}

function refuse(error: Error): never {
  throw new RpcError(-32603, error.message);
}
