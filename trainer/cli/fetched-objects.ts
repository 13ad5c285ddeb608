/** The bound on what commands leave behind of what they fetched. */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** Something that is kept, or goes, as a whole: a file, or the folder of a task or of an earlier order. */
interface Entry {
  readonly path: string;
  readonly bytes: number;
  /** When it was last read or written, in ms since 1970. */
  readonly used: number;
}

/** What was in use so lately may be another command's, which has fetched it and not read it yet. */
const inUseMs = 60 * 60_000;

/** Objects bear the hash of their content or address; what is on its way has more behind it. */
const objectName = /^[0-9a-f]{64}(\.sealed)?(\.[0-9a-z]+\.partial)?$/;
/** The package of an earlier order, with which another went on. */
const packageName = /^continued-\d+$/;
/** Files of a task: the beginning of its chain's genesis hash, and its number. */
const taskName = /^[0-9a-f]{16}-\d+$/;

/**
 * Removes what was used longest ago from a folder of fetched objects, until no more than `most` bytes stay. Only what has a
 * name that commands give is theirs to remove; what was used within the hour before `now` (ms since 1970) stays in any case.
 */
export async function keepWithin(folder: string, most: number, now = Date.now()): Promise<void> {
  const entries = [
    ...(await entriesOf(folder, (name) => objectName.test(name) || packageName.test(name))),
    ...(await entriesOf(join(folder, "tasks"), (name) => taskName.test(name))),
  ].sort((a, b) => a.used - b.used);
  let kept = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes, used } of entries) {
    if (kept <= most || used > now - inUseMs) return;
    try {
      await rm(path, { recursive: true, force: true });
      kept -= bytes;
    } catch {
      // What another user has put there is not ours to remove, and no reason for a command to fail.
    }
  }
}

async function entriesOf(folder: string, isOurs: (name: string) => boolean): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const name of await namesIn(folder)) if (isOurs(name)) entries.push(await entryAt(join(folder, name)));
  return entries;
}

/** What goes away meanwhile has no bytes: another command cleared it. */
async function entryAt(path: string): Promise<Entry> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return { path, bytes: 0, used: 0 };
  const own = { path, bytes: found.isFile() ? found.size : 0, used: Math.max(found.atimeMs, found.mtimeMs) };
  if (!found.isDirectory()) return own;
  // A folder's own time of access is that of listing it, which this does.
  let [bytes, used] = [0, found.mtimeMs];
  for (const name of await namesIn(path)) {
    const part = await entryAt(join(path, name));
    bytes += part.bytes;
    used = Math.max(used, part.used);
  }
  return { path, bytes, used };
}

/** A folder that is not there has nothing in it. */
const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);
