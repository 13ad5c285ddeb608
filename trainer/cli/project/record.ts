/**
 * What a publisher keeps of a task on its own disk: the salts of its canaries, written before anybody can see their
 * commitments, and which files each unit was made of.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { z } from "zod";
import { writeWhole } from "../../engine/whole-file.ts";
import { InputError } from "../run-command.ts";

const hex = z.string().regex(/^0x[0-9a-f]{64}$/);
const schema = z.strictObject({
  version: z.literal(1),
  /** Of block 0: another chain has other tasks of the same number. */
  genesis: hex,
  project: z.int().min(0),
  /** Not known before the task is in a block. */
  task: z.int().min(0).optional(),
  model: hex,
  inputs: hex,
  /** Paths in the input folder. */
  units: z.array(z.array(z.string())),
  canaries: z.array(z.strictObject({ unit: z.int().min(0), result: hex, salt: hex })),
});

export type TaskRecord = z.infer<typeof schema>;
export type Canary = TaskRecord["canaries"][number];

export interface RecordFlags {
  readonly records: string;
}

/** Adds the option that says where records are kept. */
export function recordOptions(command: Command): Command {
  const data = process.env.XDG_DATA_HOME ?? join(homedir(), ".local/share");
  return command.addOption(
    new Option("--records <folder>", "where canaries' salts and units' file names are kept").default(
      join(data, "matrixai", "projects"),
    ),
  );
}

/**
 * Writes a record, which is on the disk when this resolves; gives its path. Each attempt has a file of its own, unless that of an
 * earlier record is named: a commitment that came into a block keeps its salt whatever was tried after it. @throws WriteError.
 */
export async function keepRecord(
  { records }: RecordFlags,
  record: TaskRecord,
  path: string = join(records, `${randomUUID()}.json`),
): Promise<string> {
  mkdirSync(records, { recursive: true });
  await writeWhole(path, Buffer.from(`${JSON.stringify(record, undefined, 1)}\n`));
  return path;
}

/** The record of a task, where it was published from this machine. @throws InputError for one that is broken. */
export function recordOf({ records }: RecordFlags, genesis: string, task: number): TaskRecord | undefined {
  return listed(records)
    .map((name) => read(join(records, name)))
    .find((each) => each.genesis === genesis && each.task === task);
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return []; // nothing was published from here yet
  }
}

function read(path: string): TaskRecord {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const why = error instanceof z.ZodError ? error.issues[0]?.message : (error as Error).message;
    throw new InputError(`${path} is no record of a task: ${why}`);
  }
}
