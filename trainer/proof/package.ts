/**
 * The proof package: a folder with `manifest.json` and `proof.json` (both canonical JSON), and for every checkpoint i
 * `checkpoint-i.safetensors` and `losses-i.safetensors`; `state-STEP.safetensors` where a trainer answers a challenge
 * with a state between checkpoints. Files appear whole or not at all, so a killed trainer leaves a package that goes on.
 */
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DataError } from "../engine/data/errors.ts";
import { decodeSafetensors, encodeSafetensors } from "../engine/data/safetensors.ts";
import { tensor } from "../engine/tensor.ts";
import { writeWhole } from "../engine/whole-file.ts";
import { canonicalJson, type Hash, isHash } from "./canonical.ts";
import { type Losses, linkSchema } from "./chain.ts";
import { identitySchema } from "./identity.ts";
import { encodeManifest, type Manifest, maxManifestBytes, parseManifest } from "./manifest.ts";

const hash = z.custom<Hash>(isHash, "must be 0x and 64 hexadecimal digits");

/** Everything that a trainer claims, besides the files that it commits to. */
const proofSchema = z.strictObject({
  version: z.literal(1),
  identity: identitySchema,
  manifest: hash,
  /** Id of the training program, and where it ran: what decides whether bits can be compared. */
  program: hash,
  determinism: z.string().min(1).max(64),
  runtime: z.string().min(1).max(100),
  links: z.array(linkSchema).max(10_001),
});
export type Proof = z.infer<typeof proofSchema>;

/** Largest `proof.json` that is read. */
export const maxProofBytes = 256 << 20;

export class Package {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Whether a proof was begun here. */
  exists(): boolean {
    return existsSync(join(this.folder, "proof.json"));
  }

  async manifest(): Promise<Manifest> {
    const bytes = await this.read("manifest.json", maxManifestBytes);
    const result = parseManifest(bytes);
    if (!result.ok) {
      const problems = result.problems.map((p) => `${p.field}: ${p.message}`).join("; ");
      throw new DataError("BadHeader", "manifest.json", problems);
    }
    if (Buffer.compare(encodeManifest(result.manifest), bytes) !== 0)
      throw new DataError("BadHeader", "manifest.json", "is not in canonical form");
    return result.manifest;
  }

  async proof(): Promise<Proof> {
    const bytes = await this.read("proof.json", maxProofBytes);
    let json: unknown;
    try {
      json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch (error) {
      throw new DataError("BadHeader", "proof.json", `is no JSON: ${(error as Error).message}`);
    }
    const result = proofSchema.safeParse(json);
    if (!result.success) {
      const [issue] = result.error.issues;
      throw new DataError("BadHeader", "proof.json", `${issue?.path.join(".")}: ${issue?.message}`);
    }
    if (Buffer.compare(canonicalJson(result.data), bytes) !== 0)
      throw new DataError("BadHeader", "proof.json", "is not in canonical form");
    return result.data;
  }

  /** The bytes of checkpoint `index`, of at most `maxBytes`. */
  checkpoint(index: number, maxBytes: number): Promise<Uint8Array> {
    return this.read(checkpointFile(index), maxBytes);
  }

  /** The bytes of the state after `step`, if it was supplied. */
  async state(step: number, maxBytes: number): Promise<Uint8Array | undefined> {
    const name = stateFile(step);
    return existsSync(join(this.folder, name)) ? this.read(name, maxBytes) : undefined;
  }

  /** The losses of link `index`: so many of steps and so many of samples. */
  async losses(index: number, steps: number, samples: number): Promise<Losses> {
    const name = lossFile(index);
    const bytes = await this.read(name, 4 * (steps + samples) + 1024);
    const { tensors } = decodeSafetensors(name, bytes);
    const found = { steps: tensors.steps?.data, samples: tensors.samples?.data };
    if (!(found.steps instanceof Float32Array) || found.steps.length !== steps)
      throw new DataError("Mismatch", name, `should hold ${steps} losses of steps`);
    if (!(found.samples instanceof Float32Array) || found.samples.length !== samples)
      throw new DataError("Mismatch", name, `should hold ${samples} losses of samples`);
    const losses = { steps: found.steps, samples: found.samples };
    if (Buffer.compare(encodeLosses(losses), bytes) !== 0)
      throw new DataError("BadHeader", name, "is not in canonical form");
    return losses;
  }

  async writeManifest(manifest: Manifest): Promise<void> {
    await this.write("manifest.json", encodeManifest(manifest));
  }

  async writeProof(proof: Proof): Promise<void> {
    await this.write("proof.json", canonicalJson(proof));
  }

  async writeCheckpoint(index: number, bytes: Uint8Array): Promise<void> {
    await this.write(checkpointFile(index), bytes);
  }

  async writeState(step: number, bytes: Uint8Array): Promise<void> {
    await this.write(stateFile(step), bytes);
  }

  async writeLosses(index: number, losses: Losses): Promise<void> {
    await this.write(lossFile(index), encodeLosses(losses));
  }

  private async read(name: string, maxBytes: number): Promise<Uint8Array> {
    const path = join(this.folder, name);
    try {
      const found = await stat(path);
      const { size } = found;
      if (!found.isFile()) throw new DataError("Unreadable", name, "is not a file");
      if (size > maxBytes)
        throw new DataError("TooLarge", name, `has ${size} bytes, at most ${maxBytes} are allowed`);
      return await readFile(path);
    } catch (error) {
      if (error instanceof DataError) throw error;
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      throw new DataError(
        missing ? "Missing" : "Unreadable",
        name,
        missing ? "is missing" : (error as Error).message,
      );
    }
  }

  private write(name: string, bytes: Uint8Array): Promise<void> {
    return writeWhole(join(this.folder, name), bytes);
  }
}

const encodeLosses = ({ steps, samples }: Losses): Uint8Array =>
  encodeSafetensors({
    steps: tensor("float32", [steps.length], steps),
    samples: tensor("float32", [samples.length], samples),
  });

const numbered = (index: number) => String(index).padStart(6, "0");
export const checkpointFile = (index: number): string => `checkpoint-${numbered(index)}.safetensors`;
export const lossFile = (index: number): string => `losses-${numbered(index)}.safetensors`;
export const stateFile = (step: number): string => `state-${numbered(step)}.safetensors`;

/** Of the names in a package's folder those of states before a step. */
export const stateFilesBefore = (names: readonly string[], step: number): string[] =>
  names.filter((name) => Number(/^state-(\d+)\.safetensors$/.exec(name)?.[1] ?? step) < step);
