/** The commands around a node, as an operator gives them. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../support/commands.ts";
import { startNode } from "./node-process.ts";

const main = join(import.meta.dirname, "../../node/main.ts");
const folder = mkdtempSync(join(tmpdir(), "matrixai-cli-"));
const path = (name: string): string => join(folder, name);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, in this process, where one start after another would take long. */
async function matrixai(...args: readonly string[]): Promise<Ended> {
  const { code, out, err } = await run(...args);
  return { code: code ?? 0, stdout: out, stderr: err };
}

/** The same in a process of its own. */
async function apart(...args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: "1" };
  return promisify(execFile)(process.execPath, [main, ...args], { env }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Ended) => ({ code, stdout, stderr }),
  );
}

const on = (base: string): string[] => ["--chain", "dev", "--base-path", path(base)];

beforeAll(async () => {
  const node = await startNode(["--base-path", path("first"), "--sealing", "manual"]);
  for (let i = 0; i < 5; i++) {
    const body = { jsonrpc: "2.0", id: i, method: "engine_createBlock", params: [true, i < 3] };
    const headers = { "content-type": "application/json" };
    const answer = await fetch(node.url.replace("ws", "http"), {
      method: "POST",
      body: JSON.stringify(body),
      headers,
    });
    expect(await answer.json()).toHaveProperty("result.hash");
  }
  await node.stop();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(["--binary", "--json-lines"])(
  "an exported chain executes to the same blocks elsewhere (%s)",
  async (form) => {
    const [program, flags] = form === "--binary" ? [apart, ["--binary"]] : [matrixai, []];
    const [file, copy] = [path(`blocks${form}`), `second${form}`];
    expect(await program("export-blocks", file, ...flags, ...on("first"))).toMatchObject({ code: 0 });
    const imported = await program("import-blocks", file, ...flags, ...on(copy));
    expect(imported.stdout).toMatch(/^imported 5 blocks; best is 5 0x[0-9a-f]{64}, final is \d\n$/);
    const again = await program("import-blocks", file, ...flags, ...on(copy));
    expect(again.stdout).toMatch(/^imported 0 blocks, 5 were there already/);
    const back = await program("export-blocks", ...flags, ...on(copy));
    expect(back.stdout).toBe(readFileSync(file, "utf8"));
  },
);

test("blocks may stand in any order in a file", async () => {
  const lines = (await matrixai("export-blocks", ...on("first"))).stdout.trimEnd().split("\n");
  writeFileSync(path("reversed"), lines.toReversed().join("\n"));
  const imported = await matrixai("import-blocks", path("reversed"), ...on("reversed-chain"));
  expect(imported.stdout).toMatch(/^imported 5 blocks; best is 5/);
  writeFileSync(path("gap"), lines.toSpliced(1, 1).join("\n"));
  const gap = await matrixai("import-blocks", path("gap"), ...on("gap-chain"));
  expect(gap).toMatchObject({ code: 2, stderr: expect.stringMatching(/block 3 .* was refused/) });
});

test("a file that ends early or is damaged is refused by the block's number", async () => {
  const file = path("damaged");
  await matrixai("export-blocks", file, "--binary", ...on("first"));
  truncateSync(file, 500);
  const short = await matrixai("import-blocks", file, "--binary", ...on("third"));
  expect(short).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/the file ends after \d of 5 blocks/),
  });
  writeFileSync(file, '{"block":{}}\n');
  const bad = await matrixai("import-blocks", file, ...on("third"));
  expect(bad).toMatchObject({ code: 2, stderr: expect.stringMatching(/block 1 of the file is damaged/) });
  const none = await matrixai("import-blocks", path("nothing"), ...on("third"));
  expect(none).toMatchObject({ code: 2, stderr: expect.stringMatching(/nothing does not exist/) });
});

test("a snapshot starts a node elsewhere, and only if it is the state of its block", async () => {
  const file = path("state.snapshot");
  const made = await matrixai("snapshot", "export", file, ...on("first"), "--json");
  const told = JSON.parse(made.stdout) as { number: number; hash: string; entries: number };
  expect(told.number).toBe(3);
  expect(await matrixai("snapshot", "export", file, ...on("first"))).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/is there already/),
  });
  const restored = await matrixai("snapshot", "import", file, ...on("restored"), "--json");
  expect(JSON.parse(restored.stdout)).toMatchObject(
    told.hash ? { hash: told.hash, entries: told.entries } : {},
  );
  // The blocks above it execute on the restored state.
  const blocks = path("above");
  await matrixai("export-blocks", blocks, "--from", "4", ...on("first"));
  expect((await matrixai("import-blocks", blocks, ...on("restored"))).stdout).toMatch(
    /^imported 2 blocks; best is 5/,
  );
  expect((await matrixai("check-block", "5", ...on("restored"))).stdout).toMatch(/^block 5 is right/);
  expect(await matrixai("snapshot", "import", file, ...on("restored"))).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/there is a database.*purge-chain/),
  });
  expect(
    await matrixai("snapshot", "import", file, "--chain", "local", "--base-path", path("other")),
  ).toMatchObject({ code: 2, stderr: expect.stringMatching(/is of the chain with genesis/) });

  const bytes = gunzipSync(readFileSync(file));
  bytes[bytes.length - 20]! ^= 1;
  writeFileSync(path("changed.snapshot"), gzipSync(bytes));
  expect(await matrixai("snapshot", "import", path("changed.snapshot"), ...on("changed"))).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/does not hold the state of its block.*state root/),
  });
  writeFileSync(path("short.snapshot"), gzipSync(bytes.subarray(0, bytes.length - 100)));
  expect(await matrixai("snapshot", "import", path("short.snapshot"), ...on("short"))).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/is damaged: it ends early/),
  });
  expect(await matrixai("snapshot", "import", blocks, ...on("none"))).toMatchObject({ code: 2 });
});

test("blocks are checked by number and hash, and reverted down to the final one", async () => {
  expect((await matrixai("check-block", "4", ...on("first"))).stdout).toMatch(/^block 4 is right: 0x/);
  expect(await matrixai("check-block", "99", ...on("first"))).toMatchObject({ code: 2 });
  const reverted = await matrixai("revert", "10", ...on("first"));
  expect(reverted.stdout).toBe("reverted 2 blocks; best is 3, finalized 3\n");
});

test("a database is compacted, and purged only when agreed", async () => {
  expect((await matrixai("compact", ...on("first"))).stdout).toBe("compacted\n");
  expect(await matrixai("purge-chain", ...on("first"))).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--yes/),
  });
  expect(await matrixai("purge-chain", "--yes", ...on("first"))).toMatchObject({ code: 0 });
  const gone = await matrixai("check-block", "1", ...on("first"));
  expect(gone).toMatchObject({ code: 2, stderr: expect.stringMatching(/there is no database/) });
});

test("a specification prints the same whether from its preset or from its own raw file", async () => {
  const raw = await matrixai("build-spec", "--raw");
  writeFileSync(path("raw.json"), raw.stdout);
  expect((await matrixai("build-spec", "--chain", path("raw.json"))).stdout).toBe(raw.stdout);
  writeFileSync(
    path("bad.json"),
    raw.stdout.replace('"Development",\n  "bootNodes"', '"Testing",\n  "bootNodes"'),
  );
  const bad = await matrixai("build-spec", "--chain", path("bad.json"));
  expect(bad).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/field chainType: must be "Development"/),
  });
  const human = (await matrixai("build-spec")).stdout;
  writeFileSync(path("no-time.json"), human.replace(/"minimumPeriod": \d+/, '"minimumPeriod": 0'));
  expect(await apart("node", "--chain", path("no-time.json"), "--alice")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/field genesis: Timestamp\.MinimumPeriod is 0 ms; it must be 1 to/),
  });
});

test("keys are made, inspected and stored without a secret on the command line", async () => {
  const made = JSON.parse((await matrixai("key", "generate", "--json")).stdout) as { secretPhrase: string };
  writeFileSync(path("secret"), made.secretPhrase);
  const seen = JSON.parse(
    (await matrixai("key", "inspect", "--secret-file", path("secret"), "--json")).stdout,
  );
  expect(made).toMatchObject(seen);
  writeFileSync(path("alice"), "//Alice\n");
  const alice = await matrixai("key", "inspect", "--secret-file", path("alice"));
  expect(alice.stdout).toContain("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
  const stored = await matrixai(
    "key",
    "insert",
    ...on("first"),
    "--key-type",
    "gran",
    "--secret-file",
    path("alice"),
  );
  expect(stored.stdout).toMatch(/^stored gran 0x88dc3417/);
  expect(await matrixai("key", "inspect", "some words")).toMatchObject({ code: 2 });
});

test("what is wrong on the command line is said in a line, never as a stack trace", async () => {
  for (const [program, ...args] of [
    [apart, "nod"],
    [apart, "node", "--dev", "--rpc-port", "x"],
    [matrixai, "node"],
    [matrixai, "node", "--chain", "nowhere"],
    [matrixai, "node", "--dev", "--bob", "--eve"],
    [matrixai, "node", "--dev", "--log", "loud"],
  ] as const) {
    const { code, stderr } = await program(...args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^error: /m);
    expect(stderr).not.toMatch(/^\s+at /m);
  }
});
