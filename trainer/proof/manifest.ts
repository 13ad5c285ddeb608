import { z } from "zod";
import { canonicalJson, type Hash, hashOf, isHash } from "./canonical.ts";
import { lawSchema } from "./law.ts";
import { thresholdsSchema } from "./thresholds.ts";

/**
 * The job manifest: everything that decides what a training run computes. Its canonical JSON (RFC 8785) with every
 * default written out is what buyer, trainer and inspectors hash; there is one byte string for one job.
 */
export type Manifest = z.infer<typeof manifestSchema>;

/** Largest manifest that is read. */
export const maxManifestBytes = 1 << 20;

const hash = z.custom<Hash>(isHash, "must be 0x and 64 lower-case hexadecimal digits");
const uri = z
  .string()
  .max(2048)
  .regex(/^(file|https?|s3|ipfs):\S+$/, "must be a file:, https:, s3: or ipfs: address");
const name = z.string().min(1).max(256);
const positive = (max: number) => z.number().gt(0).max(max);
const count = (max: number) => z.int().min(1).max(max);
const fraction = z.number().min(0).lt(1);
const weightDecay = z.number().min(0).max(100).default(0);

const loss = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("softmaxCrossEntropy"),
    /** Axis of the classes in the output; the last where absent. */
    axis: z.int().min(-8).max(7).default(-1),
    /** Label of places that do not count. */
    ignoreIndex: z.int().default(-100),
  }),
  z.strictObject({ type: z.literal("meanSquaredError") }),
  z.strictObject({ type: z.literal("binaryCrossEntropy") }),
]);

const adam = {
  learningRate: positive(100),
  beta1: fraction.default(0.9),
  beta2: fraction.default(0.999),
  epsilon: positive(1).default(1e-8),
  weightDecay,
};
const optimiser = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("sgd"),
    learningRate: positive(100),
    momentum: fraction.default(0),
    nesterov: z.boolean().default(false),
    weightDecay,
  }),
  z.strictObject({ type: z.literal("adam"), ...adam }),
  z.strictObject({ type: z.literal("adamW"), ...adam, weightDecay: weightDecay.unwrap().default(0.01) }),
]);

/** The factor by which the optimiser's rate is multiplied, over the job; `final` is a part of the first rate. */
const warmup = z.int().min(0).max(1e9).default(0);
const schedule = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("constant"), warmup }),
  z.strictObject({ type: z.literal("step"), every: count(1e9), factor: positive(1), warmup }),
  z.strictObject({ type: z.literal("cosine"), final: z.number().min(0).max(1).default(0), warmup }),
]);

/** An X25519 key to which files are sealed. */
export const publicKey = hash;

/** How data is read, wherever a file says so. */
export const sourceFields = {
  format: z.enum(["npy", "npz", "idx", "safetensors", "csv", "images"]),
  uri,
  /** The second file of `npy` and `idx`. */
  targetsUri: uri.optional(),
  /** Names of the two arrays, or of columns, where the format has names. */
  inputs: z.string().min(1).max(100_000).optional(),
  targets: z.string().min(1).max(100_000).optional(),
  /** Each input value becomes (value - subtract) / divide, in float32. */
  subtract: z.number().min(-1e6).max(1e6).default(0),
  divide: positive(1e6).default(1),
};
/** Merkle root over the samples as they are stored, and their number. */
const committed = { root: hash, samples: count(2 ** 32) };

const training = z.strictObject({
  ...sourceFields,
  ...committed,
  /** X25519 key to which the files at the addresses are sealed; the buyer gives its secret half to trainer and inspectors. */
  sealed: publicKey.optional(),
});
const validation = z.discriminatedUnion("access", [
  z.strictObject({ access: z.literal("public"), ...sourceFields, ...committed }),
  /** Given by the buyer to the drawn inspectors, after the proof; until then only its root is known. */
  z.strictObject({ access: z.literal("released"), ...committed }),
]);

const initialisation = z.discriminatedUnion("type", [
  /** `default` is for the weights of contractions and embeddings, `laws` overrides by name, all else is constant. */
  z.strictObject({
    type: z.literal("seeded"),
    default: lawSchema.default({ law: "gmm2" }),
    laws: z.record(name, lawSchema).default({}),
  }),
  z.strictObject({
    type: z.literal("from"),
    uri,
    hash,
    /** The file at the address is sealed to the key of the training data; `hash` is that of what is in it. */
    sealed: z.boolean().optional(),
  }),
]);

export const manifestSchema = z
  .strictObject({
    version: z.literal(1),
    model: z.strictObject({
      uri,
      hash,
      /** Initialisers that train; all floating-point ones where absent. */
      train: z.array(name).min(1).max(100_000).optional(),
      /** Normalisation by the statistics of the batch, as while training in PyTorch. */
      batchStatistics: z.boolean().default(true),
    }),
    loss,
    /** What makes a prediction right: the greatest score, the sign, or every output within a distance. */
    accuracy: z
      .discriminatedUnion("type", [
        z.strictObject({ type: z.literal("argmax") }),
        z.strictObject({ type: z.literal("sign") }),
        z.strictObject({ type: z.literal("within"), distance: positive(1e9) }),
      ])
      .optional(),
    optimiser,
    schedule: schedule.default({ type: "constant", warmup: 0 }),
    clipNorm: positive(1e6).optional(),
    accumulate: count(1024).default(1),
    batch: count(65_536),
    length: z.union([z.strictObject({ epochs: count(1e6) }), z.strictObject({ steps: count(1e9) })]),
    checkpointEvery: count(1e8),
    /** Steps between two committed states; the unit of re-execution. */
    segment: count(50).default(50),
    initialisation: initialisation.default({ type: "seeded", default: { law: "gmm2" }, laws: {} }),
    training,
    validation,
    /** Accuracy to reach on the validation data. */
    target: z.number().min(0).max(1).default(0),
    precision: z.enum(["float32", "reduced"]).default("float32"),
    /** Machines on which the same bits come out, e.g. `cpu-x86-fma` or `cuda-sm90`; `any` leaves it open. */
    determinism: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
      .default("any"),
    results: z.strictObject({ uri, recipient: hash.optional() }).optional(),
    thresholds: thresholdsSchema.prefault({}),
  })
  .superRefine((m, context) => {
    const say = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    if (m.training.samples < m.batch * m.accumulate)
      say(["batch"], "batch x accumulate must not exceed the number of training samples");
    if (m.training.sealed !== undefined && m.training.format === "images")
      say(["training", "sealed"], "a folder of images cannot be sealed; pack it as npz or IDX");
    if (m.initialisation.type === "from" && m.initialisation.sealed && m.training.sealed === undefined)
      say(["initialisation", "sealed"], "needs training.sealed, the key to which it is sealed");
    if (m.optimiser.type === "sgd" && m.optimiser.nesterov && m.optimiser.momentum === 0)
      say(["optimiser", "nesterov"], "needs a momentum above 0");
    if (m.loss.type === "meanSquaredError" && m.accuracy === undefined)
      say(["accuracy"], "is needed with meanSquaredError: say which predictions are right");
    if (checkpoints(m) < minCheckpoints)
      say(
        ["checkpointEvery"],
        `gives ${checkpoints(m)} checkpoints over ${totalSteps(m)} steps; at least ${minCheckpoints} are needed`,
      );
    if (m.checkpointEvery > maxSegments * m.segment)
      say(["segment"], `gives more than ${maxSegments} segments between two checkpoints`);
    if (checkpoints(m) > maxCheckpoints)
      say(["checkpointEvery"], `gives ${checkpoints(m)} checkpoints; at most ${maxCheckpoints} are allowed`);
  });

/** Checkpoints after the first; fewer would leave the rules nothing to see. */
const minCheckpoints = 12;
const maxCheckpoints = 10_000;
const maxSegments = 100_000;

type Lengths = Pick<Manifest, "length" | "batch" | "accumulate" | "checkpointEvery"> & {
  readonly training: { readonly samples: number };
};

/** Optimiser steps in one pass over the data; the last incomplete batch of an epoch is left out. */
export const stepsPerEpoch = (m: Lengths): number =>
  Math.floor(m.training.samples / (m.batch * m.accumulate));

export const totalSteps = (m: Lengths): number =>
  "steps" in m.length ? m.length.steps : m.length.epochs * stepsPerEpoch(m);

/** T: checkpoints after C_0. */
export const checkpoints = (m: Lengths): number => Math.ceil(totalSteps(m) / m.checkpointEvery);

export interface Problem {
  /** Path of the field, e.g. `optimiser.learningRate`. */
  readonly field: string;
  readonly message: string;
}
export type ManifestResult =
  | { readonly ok: true; readonly manifest: Manifest }
  | {
      readonly ok: false;
      readonly code: "TooLarge" | "NotJson" | "BadField";
      readonly problems: readonly Problem[];
    };

/** Reads a manifest that a person wrote: any spacing and order, defaults filled in, unknown fields refused. */
export function parseManifest(text: string | Uint8Array): ManifestResult {
  const fail = (code: "TooLarge" | "NotJson", message: string): ManifestResult => ({
    ok: false,
    code,
    problems: [{ field: "", message }],
  });
  if (text.length > maxManifestBytes)
    return fail("TooLarge", `a manifest has at most ${maxManifestBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(
      typeof text === "string" ? text : new TextDecoder("utf-8", { fatal: true }).decode(text),
    );
  } catch (error) {
    return fail("NotJson", `not JSON in UTF-8: ${(error as Error).message}`);
  }
  return checkManifest(json);
}

/** Checks a manifest already parsed as JSON. */
export function checkManifest(json: unknown): ManifestResult {
  const result = manifestSchema.safeParse(json);
  if (result.success) return { ok: true, manifest: result.data };
  const problems = result.error.issues.map((i) => ({ field: i.path.join("."), message: i.message }));
  return { ok: false, code: "BadField", problems };
}

export const encodeManifest = (manifest: Manifest): Uint8Array => canonicalJson(manifest);

export const manifestHash = (manifest: Manifest): Hash => hashOf(encodeManifest(manifest));
