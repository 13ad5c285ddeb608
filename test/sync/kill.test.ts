import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Head } from "../../node/chain/types.ts";
import { auditStates } from "../../node/state/testing/audit.ts";
import { openBareCore, openMember } from "../support/sync-member.ts";

interface Told {
  readonly entries: number;
  readonly best: Head;
  readonly gap: number;
}

const height = 70;
const accounts = 6000;
const folder = mkdtempSync(join(tmpdir(), "sync-kill-"));
let source: Awaited<ReturnType<typeof openMember>>;

beforeAll(async () => {
  source = await openMember(join(folder, "source"), { isAuthor: true, accounts });
  const { chain } = source.core;
  for (let i = 0; i < height; i++) {
    const { number } = await source.seal();
    while (chain.finalized.number < number) await once(chain.events, "finalized");
  }
});
afterAll(async () => {
  await source.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the late node until something is so, and kills it; gives the first and the last that it told. */
async function killedWhen(isSo: (told: Told) => boolean): Promise<readonly [first: Told, last: Told]> {
  const address = source.network.listenAddresses()[0]!;
  const args = [join(folder, "late"), String(accounts), address];
  const child: ChildProcess = fork(join(import.meta.dirname, "late-node.ts"), args);
  const ended = once(child, "exit").then(([code]): never => {
    throw new Error(`the late node ended by itself with code ${code}`);
  });
  ended.catch(() => undefined);
  let first: Told | undefined;
  let last: Told;
  do {
    [last] = (await Promise.race([once(child, "message"), ended])) as [Told];
    if (last.entries > 0 || last.best.number > 0) first ??= last;
  } while (!isSo(last));
  child.kill("SIGKILL");
  await ended.catch(() => undefined);
  return [first ?? last, last];
}

test("a node that is killed while its first state comes, at any moment, goes on to the same root", async () => {
  const [, some] = await killedWhen(({ entries }) => entries > 0);
  const [more] = await killedWhen(({ best, gap }) => best.number === height && gap > 0);
  // What had come was not asked for again.
  if (more.best.number === 0) expect(more.entries).toBeGreaterThanOrEqual(some.entries);
  await killedWhen(({ best, gap }) => best.number === height && gap === 0);

  const late = await openBareCore(join(folder, "late"), accounts);
  const { chain } = source.core;
  expect(late.chain.best).toEqual(chain.best);
  expect(late.chain.finalized).toEqual(chain.finalized);
  for (let number = 0; number <= height; number++) {
    const hash = chain.hashAt(number)!;
    expect(late.chain.hashAt(number)).toBe(hash);
    expect(late.chain.header(hash)).toEqual(chain.header(hash));
    expect(late.chain.body(hash)).toEqual(chain.body(hash));
  }
  expect(await auditStates(late.database, late.states.best)).toEqual([]);
  await late.close();
});
