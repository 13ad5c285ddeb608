/** The part of an agent's configuration that says what storage it reads and writes: nothing that the operator has not opened. */
import { z } from "zod";
import type { StoreOptions } from "../storage/store.ts";

const multiaddress = z
  .string()
  .max(256)
  .regex(/^\/(ip4|ip6|dns|dns4|dns6)\/\S+$/, "must be a multiaddress, such as /ip4/203.0.113.7/tcp/4001");
/** Others do not look up names that strangers give them. */
const literal = multiaddress.regex(/^\/ip[46]\//, "must begin with /ip4/ or /ip6/: others look up no names");
const gib = z.number().gt(0).max(1e6);

/** An embedded node; where it does not listen, others fetch from it only over connections that it has made. */
const node = z.strictObject({
  listen: z.array(multiaddress).max(16).optional(),
  /** What is told to others instead, where the node stands behind a router. */
  announce: z.array(literal).max(4).optional(),
  /** Nodes to be connected to; each with /p2p/ and its id. */
  peers: z.array(multiaddress).max(64).optional(),
  /** Room for what is stored here for others to fetch, and for what was fetched; the least recently used goes first. */
  keepGiB: gib.optional(),
  cacheGiB: gib.optional(),
});

export const storageFields = {
  /** Folder under which `file:` addresses lie; without it they are refused. */
  files: z.string().min(1).optional(),
  /** The only buckets that are read and written. */
  s3: z
    .strictObject({
      endpoint: z.url().optional(),
      region: z.string().optional(),
      buckets: z.array(z.string()),
      /** Where anybody reads what is written, `{bucket}` standing for its name: others then need no rights there. */
      publicUrl: z
        .string()
        .regex(/^https?:\/\/\S+$/, "must be an https: address")
        .optional(),
    })
    .optional(),
  ipfs: z.union([z.strictObject({ rpc: z.url() }), z.strictObject({ gateway: z.url() }), node]).optional(),
  /** For a network of one's own: addresses inside it are read, http: ones too, and inner addresses are told. */
  innerNetwork: z.boolean().default(false),
} as const;

const fields = z.strictObject(storageFields);

/** How strangers' addresses are read, and what is stored is written. */
export function storeOptions({ files, s3, ipfs, innerNetwork }: z.infer<typeof fields>): StoreOptions {
  return {
    ...(files === undefined ? {} : { files: { root: files } }),
    s3: s3 === undefined ? { buckets: [] } : defined(s3),
    ...(innerNetwork && { web: { inner: true, plain: true } }),
    ...(ipfs === undefined
      ? {}
      : {
          ipfs:
            "rpc" in ipfs || "gateway" in ipfs
              ? ipfs
              : {
                  ...ipfs,
                  inner: innerNetwork,
                  keepBytes: bytesOf(ipfs.keepGiB),
                  cacheBytes: bytesOf(ipfs.cacheGiB),
                },
        }),
  };
}

const bytesOf = (count: number | undefined): number | undefined =>
  count === undefined ? undefined : Math.ceil(count * 2 ** 30);

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };
const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
