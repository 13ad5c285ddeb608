/** What an operator writes about an agent: a JSON file, checked field by field. */
import { z } from "zod";
import type { Terms } from "../../pallets/marketplace/index.ts";
import { blake2b256 } from "../engine/data/blake2b.ts";
import { AgentError } from "./agent-error.ts";
import { drillingFields, drillingOptions } from "./drilling/config.ts";
import type { AgentOptions } from "./options.ts";
import { storageFields, storeOptions } from "./storage-config.ts";
import { usualParts } from "./storing.ts";

const mai = 1e12;
const uutPerUt = 1e6;
const amount = z.number().min(0).max(1e9);

/** A folder of images can only be read where it lies. */
const usualFormats = ["npy", "npz", "idx", "safetensors", "csv"] as const;
const format = z.enum(usualFormats);

const address = /^(ipfs:$|(file|s3|https):\S+$)/;
const addressRule = "must be ipfs:, or a file:, s3: or https: address";

/** On what terms work is done. */
const terms = z.strictObject({
  /** In MAI. */
  pricePerUt: amount.gt(0),
  /** The longest training window, in blocks. */
  longest: z.int().min(1).max(5_256_000).default(14_400),
  /** In MiB. */
  disk: z
    .int()
    .min(1)
    .max(2 ** 31)
    .default(10_240),
});

const machine = z.strictObject({
  /** 16 bytes; where absent they follow from the account and the machine's place in the list. */
  id: z
    .string()
    .regex(/^0x[0-9a-f]{32}$/, "must be 0x and 32 hexadecimal digits")
    .optional(),
  /** In ut per day; the bond follows, and what is measured counts. */
  declared: z.number().gt(0).max(1e12),
  offer: terms.optional(),
  /** Devices to train on, best first. */
  device: z
    .array(z.enum(["cuda", "webgpu", "cpu"]))
    .min(1)
    .default(["cpu"]),
  deviceId: z.int().min(0).max(255).optional(),
  threads: z.int().min(1).max(1024).optional(),
  memoryMiB: z.int().min(64).optional(),
  region: z.string().max(80).optional(),
});

const configSchema = z.strictObject({
  /** Without machines the agent inspects, and claims rewards. */
  machines: z.array(machine).max(32).default([]),
  policy: z
    .strictObject({
      maxOrders: z.int().min(1).max(100).default(1),
      haste: z.number().min(1).max(1e6).default(2),
      formats: z.array(format).default([...usualFormats]),
    })
    .prefault({}),
  /** Where proof packages are stored. */
  packages: z.string().regex(address, addressRule).default("ipfs:"),
  /** So many parts of a training are stored while it goes on, for its buyer to go on with; 0 stores it at the end alone. */
  storedParts: z.int().min(0).max(100).default(usualParts),
  /** Where results of drilling are stored, each under its hash; where packages are, if this is absent. */
  results: z.string().regex(address, addressRule).optional(),
  drilling: drillingFields,
  ...storageFields,
  /** Open orders are bid for on these terms, at their price; without them, they are not. */
  bids: terms.optional(),
  /** The most that may lie in the folder; without it, the disk is the bound. */
  diskGiB: z.number().gt(0).max(1e6).optional(),
  /** Rulings that it finds wrong are appealed, for a bond that returns where the appeal is right. */
  appeal: z.boolean().default(true),
  /** Figures are told to Prometheus at this port of this machine. */
  metricsPort: z.int().min(0).max(65_535).optional(),
  /** Vested rewards are claimed when they come to so many MAI. */
  claimFrom: amount.default(1),
});

type Config = Omit<AgentOptions, "url" | "signer" | "folder" | "log" | "figures"> & {
  readonly metricsPort: number | undefined;
};

/** Reads a configuration for an account. @throws AgentError that names every field that is wrong. */
export function readConfig(json: unknown, account: Uint8Array): Config {
  const result = configSchema.safeParse(json);
  if (!result.success) {
    const problems = result.error.issues.map((i) => `\n  ${i.path.join(".") || "file"}: ${i.message}`);
    throw new AgentError("Config", `the configuration is none:${problems.join("")}`);
  }
  const {
    machines,
    policy,
    packages,
    storedParts,
    results,
    drilling,
    bids,
    diskGiB,
    appeal,
    metricsPort,
    claimFrom,
    ...storage
  } = result.data;
  return {
    machines: machines.map((each, place) => ({
      id: each.id === undefined ? idOf(account, place) : Buffer.from(each.id.slice(2), "hex"),
      declared: BigInt(Math.ceil(each.declared * uutPerUt)),
      offer: each.offer && termsOf(each.offer),
      device: {
        prefer: each.device,
        deviceId: each.deviceId,
        threads: each.threads,
        memoryBytes: each.memoryMiB === undefined ? undefined : each.memoryMiB * 2 ** 20,
      },
      ...(each.region === undefined ? {} : { region: each.region }),
    })),
    policy,
    packages,
    storedParts,
    ...(results === undefined ? {} : { results }),
    drilling: drillingOptions(drilling),
    store: storeOptions(storage),
    bids: bids && termsOf(bids),
    ...(diskGiB === undefined ? {} : { maxDiskBytes: Math.floor(diskGiB * 2 ** 30) }),
    appeal,
    metricsPort,
    claimFrom: BigInt(Math.round(claimFrom * mai)),
  };
}

const termsOf = ({ pricePerUt, longest, disk }: z.infer<typeof terms>): Terms => ({
  price_per_ut: BigInt(Math.round(pricePerUt * mai)),
  longest,
  disk,
});

const idOf = (account: Uint8Array, place: number): Uint8Array =>
  blake2b256(Buffer.from("machine"), account, Uint8Array.of(place)).subarray(0, 16);
