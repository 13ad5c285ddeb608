/** `dev_*`: figures about a block, got by executing it again. */

import { encodeHeader } from "../../runtime/primitives/header.ts";
import { Overlay } from "../../runtime/primitives/overlay.ts";
import { bytesToHash } from "../chain/hash.ts";
import { compactProofLength, proofLength, vecLength } from "./proof-length.ts";
import { RecordedState } from "./recorded-state.ts";
import { RpcError } from "./server/error.ts";
import { type Methods, unsafeCall } from "./server/method.ts";
import type { Services } from "./services.ts";
import { hash } from "./wire.ts";

export function devMethods({ chain, runtime }: Pick<Services, "chain" | "runtime">): Methods {
  return {
    dev_getBlockStats: unsafeCall({ blockHash: hash }, ({ blockHash }) => {
      const [header, extrinsics] = [chain.header(blockHash), chain.body(blockHash)];
      // Genesis was never executed.
      if (header === undefined || extrinsics === undefined || header.number === 0) return null;
      const parentHash = bytesToHash(header.parentHash);
      const parent = chain.stateAt(parentHash);
      if (parent.type !== "ok") throw notExecuted(`State already discarded for ${parentHash}`);
      const state = new RecordedState(parent.state);
      runtime.executeBlock(new Overlay(state), { header, extrinsics });
      const proof = parent.state.proof(state.keys());
      return {
        witnessLen: proofLength(proof),
        witnessCompactLen: compactProofLength(proof),
        blockLen: encodeHeader(header).length + vecLength(extrinsics.map(({ length }) => length)),
        numExtrinsics: extrinsics.length,
      };
    }),
  };
}

const notExecuted = (why: string) => new RpcError(6003, "Failed to re-execute the specified block", why);
