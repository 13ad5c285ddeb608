/** What a person gets who gives commands something that cannot be: one clear sentence, a code other than 0, and no trace of a stack. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../test/support/commands.ts";

const folder = mkdtempSync(join(tmpdir(), "matrixai-bad-input-"));
const at = (name: string): string => join(folder, name);
const noise = Uint8Array.from({ length: 3000 }, (_, i) => (i * i * 31 + i * 7 + 27) & 0xff);
const taken: Server = createServer();
let port: string;

beforeAll(async () => {
  for (const name of ["noise.json", "noise.onnx", "noise.npy", "noise.snap"]) writeFileSync(at(name), noise);
  writeFileSync(at("half.json"), "{");
  writeFileSync(at("list.json"), "[1]");
  writeFileSync(at("escape.json"), "\u001b[2J\u202ename");
  writeFileSync(at("alice"), "//Alice");
  writeFileSync(at("words"), "seven words that are no mnemonic phrase");
  mkdirSync(at("folder"));
  copyFileSync(join(import.meta.dirname, "../../test/models/mlp.onnx"), at("mlp.onnx"));
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  port = String((taken.address() as { port: number }).port);
});

afterAll(() => {
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Options of a node that disturbs no other one. */
const quiet = ["--dev", "--port", "0", "--rpc-port", "0", "--no-prometheus", "--log", "off"];
const alone = (...ports: string[]) => ["--chain", "dev", "--no-prometheus", "--log", "off", ...ports];
const nowhere = ["--url", "ws://127.0.0.1:1"];

type Case = readonly [name: string, args: () => readonly string[], says: string | RegExp];

const cases: readonly Case[] = [
  ["no such command", () => ["trian"], "unknown command 'trian'"],
  ["a command of a group that is not there", () => ["order", "buy"], "unknown command 'buy'"],
  ["an option that is not there", () => ["score", "--fast"], "unknown option '--fast'"],
  ["too many arguments", () => ["market", "extra"], "too many arguments"],
  ["an argument left out", () => ["order", "watch"], "missing required argument 'order'"],
  ["an option left out", () => ["key", "insert"], "required option '--key-type <type>' not specified"],
  ["options that exclude each other", () => ["node", "--dev", "--tmp", "-d", "x"], "cannot be used with"],
  ["two authors", () => ["node", "--dev", "--alice", "--bob"], "not --alice and --bob"],
  ["no chain", () => ["node"], "say which chain"],
  ["a chain that is not there", () => ["node", "--chain", at("none")], "there is no chain"],
  ["a folder for a chain", () => ["node", "--chain", at("folder")], "cannot be read: it is a folder"],
  [
    "an endless device for a chain",
    () => ["build-spec", "--chain", "/dev/zero"],
    "has more than 268435456 bytes",
  ],
  ["noise for a chain", () => ["build-spec", "--chain", at("noise.json")], "not JSON"],
  ["a port beyond all", () => ["node", "--dev", "--rpc-port", "65536"], "a whole number from 0 to 65535"],
  [
    "a peer without its name",
    () => ["node", ...quiet, "--bootnodes", "/ip4/10.0.0.1/tcp/1"],
    "end it with /p2p/",
  ],
  [
    "a peer that is no address",
    () => ["node", ...quiet, "--reserved-nodes", "here"],
    '"here" is no multiaddress',
  ],
  [
    "an outer address that is none",
    () => ["node", ...quiet, "--public-addr", "me"],
    '"me" is no multiaddress',
  ],
  [
    "a place to listen that is none",
    () => ["node", ...quiet, "--listen-addr", "me"],
    '"me" is no multiaddress',
  ],
  [
    "a node key that is none",
    () => ["node", ...quiet, "--node-key-file", at("noise.json")],
    "is no node key",
  ],
  ["a folder for a node key", () => ["node", ...quiet, "--node-key-file", at("folder")], "is not a file"],
  [
    "a port for peers that is taken",
    () => ["node", ...alone("--tmp", "--rpc-port", "0", "--listen-addr", `/ip4/127.0.0.1/tcp/${port}`)],
    /another program uses that port: is another node running\? Choose another --port or --listen-addr\n$/,
  ],
  [
    "a port for RPC that is taken",
    () => ["node", ...alone("--tmp", "--port", "0", "--rpc-port", port)],
    "another program uses that port; stop it, or choose another with --rpc-port",
  ],
  [
    "data where a file is in the way",
    () => ["node", ...alone("--port", "0", "--rpc-port", "0", "--base-path", at("alice"))],
    "lies under a file, and a folder is needed there",
  ],
  [
    "a password file that is none",
    () => ["node", ...quiet, "--password-filename", at("none")],
    "does not exist",
  ],
  ["a daemon's configuration without it", () => ["node", "--dev", "--trainer-config", "x"], "for --trainer"],
  ["a secret that is none", () => ["key", "inspect", "--secret-file", at("words")], "neither a mnemonic"],
  [
    "a secret without end",
    () => ["key", "inspect", "--secret-file", "/dev/zero"],
    "has more than 1048576 bytes",
  ],
  [
    "a node key without end",
    () => ["key", "inspect-node-key", "--file", "/dev/zero"],
    "has more than 1048576 bytes",
  ],
  ["a folder for a secret", () => ["key", "inspect", "--secret-file", at("folder")], "it is a folder"],
  [
    "blocks that are not there",
    () => ["import-blocks", "--chain", "dev", "-d", at("new"), at("none")],
    "does not exist",
  ],
  [
    "blocks that are none",
    () => ["import-blocks", "--chain", "dev", "-d", at("blocks"), at("list.json")],
    /block 1 of the file is damaged: the line: [^\n]*\n$/,
  ],
  [
    "a snapshot that is none",
    () => ["snapshot", "import", "--chain", "dev", "-d", at("s"), at("noise.snap")],
    "is damaged",
  ],
  ["a job that is not there", () => ["train", at("none")], "none does not exist"],
  ["a job without end", () => ["train", "/dev/zero"], "/dev/zero is not a file"],
  ["a job that is half", () => ["train", at("half.json")], "is no JSON"],
  ["a job that is a list", () => ["train", at("list.json")], "is no JSON object"],
  [
    "more threads than there can be",
    () => ["train", at("half.json"), "--threads", "99999"],
    "from 1 to 1024",
  ],
  ["a number that is none", () => ["train", at("half.json"), "--threads", "1e2"], "A whole number above 0"],
  ["a proof that is not there", () => ["verify", at("folder")], "is no folder of a proof"],
  ["a model that is noise", () => ["flops", at("noise.onnx")], /noise\.onnx: not an ONNX file/],
  ["a model without end", () => ["flops", "/dev/zero"], "/dev/zero is not a file"],
  ["data that is noise", () => ["infer", at("mlp.onnx"), at("noise.npy")], "is no npy file"],
  [
    "a division by nothing",
    () => ["infer", at("mlp.onnx"), at("noise.npy"), "--divide", "0"],
    "other than 0",
  ],
  ["more digits than memory", () => ["digits", at("d"), "--train", "99999999999"], "from 1 to 1000000"],
  ["digits where a file is in the way", () => ["digits", at("alice")], "is a file, and a folder is needed"],
  ["an order's number that is none", () => ["order", "fetch", "x"], "The number of an order is needed"],
  ["an even panel", () => ["order", "quote", "job", "--inspectors", "2"], "An odd number is needed"],
  ["a panel of everybody", () => ["order", "quote", "job", "--inspectors", "99"], "from 1 to 7"],
  [
    "a window of centuries",
    () => ["order", "quote", "job", "--train-within", "9999999999"],
    "from 1 to 5256000",
  ],
  [
    "a machine for all bidders",
    () => ["order", "quote", "job", "--open", "--machine", `0x${"12".repeat(16)}`],
    "cannot be used with option '--open'",
  ],
  [
    "an address of another network",
    () => ["score", "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5"],
    /address of another network; here that account is 5/,
  ],
  ["an address that is none", () => ["trainer", "status", "5Grw"], "An SS58 address is needed"],
  [
    "an amount with too many digits",
    () => ["trainer", "register", "--value", "1.0000000000001"],
    "at most 12 digits",
  ],
  ["an amount below nothing", () => ["trainer", "register", "--value", "-1"], "An amount in MAI is needed"],
  [
    "a node's address that is none",
    () => ["market", "--url", "http://127.0.0.1"],
    "An address such as ws://",
  ],
  [
    "a configuration that is noise",
    () => ["trainer", "run", "--secret-file", at("alice"), "--config", at("noise.json")],
    "is no configuration",
  ],
  [
    "a configuration without end",
    () => ["trainer", "run", "--secret-file", at("alice"), "--config", "/dev/zero"],
    "has more than 1048576 bytes",
  ],
  [
    "a model for a project that is not there",
    () => ["project", "publish", at("none"), at("folder")],
    "required option '--project <n>'",
  ],
];

describe("one sentence, and a code that says whose fault it is", () => {
  test.each(cases)("%s", async (_, args, says) => {
    const { code, out, err } = await run(...args());
    expect(err).toMatch(says instanceof RegExp ? says : new RegExp(escaped(says)));
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).not.toMatch(/\n\s+at |unexpected/);
  });

  test("nothing is left where nothing was done", () => {
    expect(existsSync(at("new"))).toBe(false);
    expect(readdirSync(at("folder"))).toEqual([]);
  });
});

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

describe("programs are told in JSON", () => {
  test.each<[string, readonly string[], string]>([
    ["an argument that is wrong", ["order", "watch", "x"], "UsageError"],
    ["an option left out", ["project", "results", "7"], "UsageError"],
    ["a group without a command", ["order"], "UsageError"],
    ["a key that is none", ["key", "inspect", "here"], "UsageError"],
    [
      "a snapshot that is not there",
      ["snapshot", "import", "--chain", "dev", "-d", "/dev/null", "none"],
      "UsageError",
    ],
    ["a file that is not there", ["flops", "none"], "InputError"],
  ])("%s", async (_, args, name) => {
    const { code, out, err } = await run(...args, "--json");
    expect(JSON.parse(out)).toEqual({ error: { name, message: expect.stringMatching(/^[^\n]+$/) } });
    expect({ code, err }).toEqual({ code: 2, err: "" });
  });
});

test("help is no failure, and a bare group shows it", async () => {
  const help = await run("order", "--help");
  expect(help).toMatchObject({ code: 0, err: "" });
  expect(help.out).toMatch(/^Usage: matrixai order/);
  expect(await run("order")).toMatchObject({ code: 2, err: expect.stringMatching(/^Usage: matrixai order/) });
});

test("what a file says does not command the terminal", async () => {
  const { err } = await run("train", at("escape.json"));
  expect(err).toMatch(/is no JSON/);
  for (const command of ["\u001b", "\u202e"]) expect(err).not.toContain(command);
});

test("a node that does not run is missed soon, and said to be", async () => {
  const { code, err } = await run("market", ...nowhere);
  expect(code).toBe(4);
  expect(err).toMatch(
    /^waiting for a node at ws:\/\/127\.0\.0\.1:1\nerror: no node listens at ws:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\): start one, or say with --url or MATRIXAI_URL where yours is\n$/,
  );
});

test("environment variables are checked like options", async () => {
  process.env.MATRIXAI_RPC_PORT = "banana";
  try {
    const { code, err } = await run("node", "--dev");
    expect(code).toBe(2);
    expect(err).toContain("value 'banana' from env 'MATRIXAI_RPC_PORT' is invalid");
  } finally {
    delete process.env.MATRIXAI_RPC_PORT;
  }
});
