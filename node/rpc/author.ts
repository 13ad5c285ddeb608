/** `author_*`: transactions in, what is in the pool out, and the keys this node signs with. */
import { toHex } from "../../runtime/primitives/bytes.ts";
import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { Reader } from "../../runtime/primitives/reader.ts";
import { bytesToHash, type Hash } from "../chain/hash.ts";
import type { TransactionStatus } from "../pool/types.ts";
import { authorError, badFormat, verificationError } from "./author-error.ts";
import { RpcError } from "./server/error.ts";
import { call, type Methods, subscription, unsafeCall } from "./server/method.ts";
import { hex, listOf, type Param, param, shown, text } from "./server/params.ts";
import type { Services } from "./services.ts";
import { hash } from "./wire.ts";

export function authorMethods({ pool, keys }: Pick<Services, "pool" | "keys">): Methods {
  const submit = async (bytes: Uint8Array, onStatus?: (status: TransactionStatus) => void): Promise<Hash> => {
    ensureLength(bytes);
    const result = await pool.submit(bytes, "External", onStatus).catch(refuseUnreadable);
    if (result.type === "refused") throw authorError(result.error, result.hash);
    return result.hash;
  };

  return {
    author_submitExtrinsic: call({ extrinsic: hex }, ({ extrinsic }) => submit(extrinsic)),

    ...subscription(
      {
        subscribe: ["author_submitAndWatchExtrinsic"],
        unsubscribe: ["author_unwatchExtrinsic"],
        notification: "author_extrinsicUpdate",
      },
      { extrinsic: hex },
      async ({ extrinsic }) => {
        // Statuses may come before the client knows the subscription's id: they wait until then.
        const early: TransactionStatus[] = [];
        let tell = (status: TransactionStatus) => void early.push(status);
        const onStatus = (status: TransactionStatus) => tell(status);
        const submitted = await submit(extrinsic, onStatus);
        return (sink) => {
          tell = (status) => {
            sink.send(statusToJson(status));
            if (isFinal(status)) sink.close();
          };
          early.forEach(tell);
          return () => pool.unwatch(submitted, onStatus);
        };
      },
    ),

    author_pendingExtrinsics: call({}, () => pool.pending().map(({ bytes }) => toHex(bytes))),
    author_removeExtrinsic: unsafeCall({ extrinsics: listOf(extrinsicOrHash, 10_000) }, ({ extrinsics }) =>
      pool.remove(extrinsics),
    ),

    author_insertKey: unsafeCall({ keyType, suri: text, public: hex }, (args) =>
      keys.insert(args.keyType, args.suri, args.public).catch(refuseKey),
    ),
    author_hasKey: unsafeCall({ public: hex, keyType }, (args) => keys.has(args.keyType, args.public)),
    author_hasSessionKeys: unsafeCall({ sessionKeys: hex }, async ({ sessionKeys }) => {
      const parts = keys.sessionKeys(sessionKeys);
      if (parts === undefined) throw new RpcError(1040, "Session keys are not encoded correctly");
      const found = await Promise.all(parts.map(({ type, publicKey }) => keys.has(type, publicKey)));
      return found.every(Boolean);
    }),
    author_rotateKeys: unsafeCall({}, async () => toHex(await keys.rotate())),
    author_rotateKeysWithOwner: unsafeCall({ owner: hex }, async ({ owner }) => {
      const made = await keys.rotateFor(owner).catch(refuseKey);
      return { keys: toHex(made.keys), proof: toHex(made.proof) };
    }),
  };
}

/** Refuses what does not even say its own length right; the rest is the runtime's to judge. */
function ensureLength(bytes: Uint8Array): void {
  const input = new Reader(bytes);
  let length: number;
  try {
    length = input.compact();
  } catch (error) {
    throw badFormat((error as Error).message);
  }
  if (length !== input.remaining)
    throw badFormat(`it says that it is ${length} bytes long, but ${input.remaining} follow`);
}

function refuseUnreadable(error: unknown): never {
  throw error instanceof CodecError ? verificationError(error.message) : error;
}

/** Four letters that say what a key is for. */
const keyType: Param<string> = param((value) => {
  if (typeof value === "string" && /^[\x21-\x7e]{4}$/.test(value)) return value;
  throw new Error(`must be four characters, got ${shown(value)}`);
});

function refuseKey(error: Error): never {
  throw new RpcError(1040, error.message);
}

/** `{ "hash": "0x.." }` or `{ "extrinsic": "0x.." }`. */
const extrinsicOrHash: Param<Hash> = param((value) => {
  if (typeof value === "object" && value !== null) {
    if ("hash" in value) return hash.read(value.hash);
    if ("extrinsic" in value) return bytesToHash(blake2_256(hex.read(value.extrinsic)));
  }
  throw new Error(`must hold { hash } or { extrinsic } each, got ${shown(value)}`);
});

/** As polkadot-sdk writes `TransactionStatus`: a word, or an object of one. */
function statusToJson(status: TransactionStatus): unknown {
  switch (status.type) {
    case "broadcast":
      return { broadcast: status.peers };
    case "usurped":
      return { usurped: status.by };
    case "inBlock":
    case "retracted":
    case "finalityTimeout":
    case "finalized":
      return { [status.type]: status.block };
    default:
      return status.type;
  }
}

const finalTypes = new Set<TransactionStatus["type"]>([
  "finalized",
  "finalityTimeout",
  "usurped",
  "dropped",
  "invalid",
]);
const isFinal = ({ type }: TransactionStatus): boolean => finalTypes.has(type);
