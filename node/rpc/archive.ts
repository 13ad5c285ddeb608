/** `archive_v1_*`: any block of any time, as far as this node keeps it. */
import { toHex } from "../../runtime/primitives/bytes.ts";
import { encodeHeader, type Header } from "../../runtime/primitives/header.ts";
import { bytesToHash } from "../chain/hash.ts";
import { streamed } from "./archive-stream.ts";
import { call, type Methods } from "./server/method.ts";
import { hex, listOf, optional, text } from "./server/params.ts";
import type { Services } from "./services.ts";
import { callOn, stateAt } from "./states.ts";
import { diffQuery, everything, storageDiff } from "./storage-diff.ts";
import { queryStorage, storageQuery } from "./storage-query.ts";
import { blockNumber, hash } from "./wire.ts";

/** Questions of one request. */
const maxItems = 1000;

type Parts = Pick<Services, "chain" | "runtime">;

export function archiveMethods({ chain, runtime }: Parts): Methods {
  return {
    archive_v1_finalizedHeight: call({}, () => chain.finalized.number),
    archive_v1_genesisHash: call({}, () => chain.genesisHash),
    archive_v1_hashByHeight: call({ height: blockNumber }, ({ height }) => {
      if (height > chain.finalized.number) return chain.hashesAt(height);
      const only = chain.hashAt(height);
      return only === undefined ? [] : [only];
    }),
    archive_v1_header: call({ hash }, ({ hash }) => {
      const header = chain.header(hash);
      return header === undefined ? null : toHex(encodeHeader(header));
    }),
    archive_v1_body: call({ hash }, ({ hash }) => chain.body(hash)?.map(toHex) ?? null),
    archive_v1_call: call({ hash, function: text, callParameters: hex }, (args) => {
      const lookup = chain.stateAt(args.hash);
      if (lookup.type === "unknown") return null;
      if (lookup.type === "discarded")
        return { success: false, error: `State already discarded for ${args.hash}` };
      try {
        return {
          success: true,
          value: toHex(callOn(runtime, lookup.state, args.function, args.callParameters)),
        };
      } catch (error) {
        return { success: false, error: (error as Error).message };
      }
    }),

    ...streamed(
      "archive_v1_storage",
      { hash, items: listOf(storageQuery, maxItems), childTrie: optional(hex) },
      function* ({ hash, items, childTrie }) {
        const state = stateAt(chain, hash);
        // This chain has no child tries, so there is nothing in any of them.
        if (childTrie !== undefined) return;
        for (const query of items) yield* queryStorage(state, query);
      },
    ),
    ...streamed(
      "archive_v1_storageDiff",
      { hash, items: optional(listOf(diffQuery, maxItems)), previousHash: optional(hash) },
      function* ({ hash, items, previousHash }) {
        const state = stateAt(chain, hash);
        const previous = previousHash ?? bytesToHash((chain.header(hash) as Header).parentHash);
        yield* storageDiff(stateAt(chain, previous), state, items ?? [everything]);
      },
    ),
  };
}
