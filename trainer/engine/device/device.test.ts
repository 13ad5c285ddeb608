import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Tensor, tensor, zeros } from "../tensor.ts";
import { type Device, openDevice, probeDevices } from "./device.ts";
import { DeviceError, type DeviceErrorCode } from "./errors.ts";
import { matmulGraph } from "./matmul-graph.ts";

const onLinux = process.platform === "linux";

async function codeOf(run: Promise<unknown>): Promise<DeviceErrorCode | "none"> {
  return run.then(
    () => "none",
    (error) => {
      if (error instanceof DeviceError) return error.code;
      throw error;
    },
  );
}

const matmul = (m: number, k: number, n: number) => ({ id: `${m}x${k}x${n}`, bytes: matmulGraph(m, k, n) });
const square = (n: number) => ({ A: zeros("float32", [n, n]), B: zeros("float32", [n, n]) });
const small = {
  A: tensor("float32", [1, 2], Float32Array.of(3, 4)),
  B: tensor("float32", [2, 1], Float32Array.of(5, 6)),
};

/** Protobuf by hand, for models that no well-meaning writer makes. */
const field = (n: number, content: Uint8Array | string | number): Buffer => {
  const varint = (v: number): number[] => (v < 128 ? [v] : [(v % 128) | 128, ...varint(Math.floor(v / 128))]);
  if (typeof content === "number") return Buffer.from([...varint(n * 8), ...varint(content)]);
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([...varint(n * 8 + 2), ...varint(bytes.length)]), bytes]);
};
const message = (...fields: Buffer[]) => Buffer.concat(fields);
const floatValue = (name: string) =>
  message(field(1, name), field(2, field(1, message(field(1, 1), field(2, field(1, field(1, 1)))))));
const model = (nodes: Buffer[], ...more: Buffer[]) =>
  message(
    field(1, 8),
    field(
      7,
      message(
        ...nodes.map((n) => field(1, n)),
        field(2, "g"),
        field(11, floatValue("X")),
        field(12, floatValue("Y")),
        ...more,
      ),
    ),
    field(8, field(2, 17)),
  );

describe("a device", () => {
  let device: Device;
  beforeAll(async () => {
    device = await openDevice({ threads: 1, memoryBytes: 600 * 2 ** 20 });
  });
  afterAll(() => device.close());

  test("says what it is", () => {
    expect(device.kind).toBe("cpu");
    expect(device.determinism).toMatch(/^cpu-[a-z0-9-]+$/);
    expect(device.runtime).toBe("onnxruntime 1.30.0");
  });

  test("runs graphs, several at once in turn", async () => {
    const both = [
      device.runGraph(matmul(1, 2, 1), small),
      device.runGraph(matmul(2, 1, 2), { A: small.B, B: small.A }),
    ];
    const [a, b] = await Promise.all(both);
    expect(a).toEqual({ C: tensor("float32", [1, 1], Float32Array.of(39)) });
    expect(b?.C?.data).toEqual(Float32Array.of(15, 20, 18, 24));
  });

  test("sends a resident feed once, unless it is another tensor, and forgets the graph used least", async () => {
    const run = async (A: Tensor, B: Tensor) =>
      (await device.runGraph(matmul(1, 2, 1), { A, B }, { resident: ["B"] })).C?.data[0];
    expect(await run(small.A, small.B)).toBe(39);
    expect(await run(tensor("float32", [1, 2], Float32Array.of(1, 1)), small.B)).toBe(11);
    expect(await run(small.A, tensor("float32", [2, 1], Float32Array.of(0, 1)))).toBe(4);
    for (const n of [2, 3, 4, 5, 6]) await device.runGraph(matmul(n, n, n), square(n));
    expect(await run(small.A, small.B)).toBe(39);
  });

  test("names the graph that ONNX Runtime refuses, and goes on", async () => {
    const pid = device.pid;
    const nonsense = {
      id: "nonsense",
      bytes: model([message(field(1, "X"), field(2, "Y"), field(4, "Nonsense"))]),
    };
    await expect(device.runGraph(nonsense, {})).rejects.toThrow("Nonsense");
    expect(await codeOf(device.runGraph({ id: "torn", bytes: Uint8Array.of(1, 2, 3) }, {}))).toBe("Refused");
    expect(await codeOf(device.runGraph(matmul(1, 2, 1), { A: small.A }))).toBe("Failed");
    expect(await codeOf(device.runGraph(matmul(1, 2, 1), small))).toBe("none");
    expect(device.pid).toBe(pid);
  });

  test("ends a run that takes too long, and works again", async () => {
    const run = device.runGraph(matmul(4000, 4000, 4000), square(4000), { timeoutMs: 300 });
    await expect(run).rejects.toThrow("took over 300 ms");
    expect((await device.runGraph(matmul(1, 2, 1), small)).C?.data[0]).toBe(39);
  });

  test("ends the preparation of a graph whose functions expand to millions of nodes", async () => {
    const call = (name: string, from: string, to: string) =>
      message(field(1, from), field(2, to), field(4, name), field(7, "d"));
    const functions = Array.from({ length: 24 }, (_, i) => {
      const inner =
        i === 0 ? message(field(1, "a"), field(2, "b"), field(4, "Neg")) : call(`f${i - 1}`, "a", "b");
      const outer =
        i === 0 ? message(field(1, "b"), field(2, "c"), field(4, "Neg")) : call(`f${i - 1}`, "b", "c");
      const parts = [
        field(1, `f${i}`),
        field(4, "a"),
        field(5, "c"),
        field(7, inner),
        field(7, outer),
        field(9, field(2, 17)),
        field(9, message(field(1, "d"), field(2, 1))),
      ];
      return field(25, message(...parts, field(10, "d")));
    });
    const bytes = message(
      model([call("f23", "X", "Y")]),
      field(8, message(field(1, "d"), field(2, 1))),
      ...functions,
    );
    const code = await codeOf(device.runGraph({ id: "bomb", bytes }, {}, { timeoutMs: 1500 }));
    expect(["TimedOut", "OutOfMemory"]).toContain(code);
  });

  test.runIf(onLinux)("ends a run that needs more memory than the limit", async () => {
    const wide = { A: zeros("float32", [20_000, 1]), B: zeros("float32", [1, 20_000]) };
    expect(await codeOf(device.runGraph(matmul(20_000, 1, 20_000), wide))).toBe("OutOfMemory");
    expect((await device.runGraph(matmul(1, 2, 1), small)).C?.data[0]).toBe(39);
  });

  test("stops when the signal is given, before and during a run", async () => {
    const stop = new AbortController();
    const run = device.runGraph(matmul(4000, 4000, 4000), square(4000), { signal: stop.signal });
    setTimeout(() => stop.abort(), 100);
    expect(await codeOf(run)).toBe("Aborted");
    expect(await codeOf(device.runGraph(matmul(1, 2, 1), small, { signal: stop.signal }))).toBe("Aborted");
  });

  test("reports a process that somebody killed, and sends resident feeds anew to the next one", async () => {
    const before = await device.runGraph(matmul(1, 2, 1), small, { resident: ["A", "B"] });
    const run = device.runGraph(matmul(4000, 4000, 4000), square(4000));
    setTimeout(() => device.pid !== undefined && process.kill(device.pid, "SIGKILL"), 100);
    await expect(run).rejects.toThrow("was ended by SIGKILL");
    expect(await device.runGraph(matmul(1, 2, 1), small, { resident: ["A", "B"] })).toEqual(before);
  });

  test.runIf(onLinux)("gives the process no environment and an empty folder", async () => {
    await device.runGraph(matmul(1, 2, 1), small);
    const names = readFileSync(`/proc/${device.pid}/environ`, "utf8")
      .split("\0")
      .map((line) => line.split("=")[0]);
    expect(
      names.filter((name) => name !== "" && !name?.startsWith("NODE_CHANNEL") && name !== "PWD"),
    ).toEqual([]);
    expect(readdirSync(readlinkSync(`/proc/${device.pid}/cwd`))).toEqual([]);
  });

  test("a graph cannot read its host's files through external data", async () => {
    for (const place of ["/etc/hostname", "../../../../etc/hostname"]) {
      const entry = (key: string, value: string) => field(13, message(field(1, key), field(2, value)));
      const weights = message(
        field(1, 1),
        field(2, 1),
        field(8, "W"),
        entry("location", place),
        entry("length", "4"),
        field(14, 1),
      );
      const bytes = model(
        [message(field(1, "X"), field(1, "W"), field(2, "Y"), field(4, "Add"))],
        field(5, weights),
      );
      const run = device.runGraph({ id: place, bytes }, { X: zeros("float32", [1]) as Tensor });
      await expect(run).rejects.toThrow("xternal data path");
    }
  });
});

test.runIf(onLinux)(
  "a program that does not close its device ends, and leaves no process behind",
  async () => {
    const open = `const { openDevice } = await import(${JSON.stringify(join(import.meta.dirname, "device.ts"))});
    console.log((await openDevice({ threads: 1 })).pid);`;
    const pid = Number(
      execFileSync(process.execPath, ["--input-type=module", "-e", open], { timeout: 300_000 }),
    );
    expect(pid).toBeGreaterThan(0);
    const state = () =>
      existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[2] : "gone";
    await vi.waitFor(() => expect(["Z", "gone"]).toContain(state()), { timeout: 120_000 });
  },
);

test("no device is taken silently: every kind passed over has its reason", async () => {
  const probed = await probeDevices();
  expect(probed.map((p) => p.kind)).toEqual(["cuda", "webgpu", "cpu"]);
  expect(probed.find((p) => p.kind === "cpu")?.usable).toBe(true);
  for (const { usable, why } of probed) expect(usable).toBe(why === "");

  const unusable = probed.filter((p) => !p.usable);
  const prefer = [...unusable.map((p) => p.kind), "cpu"] as const;
  const device = await openDevice({ prefer });
  device.close();
  expect(device.kind).toBe("cpu");
  expect(device.why).toEqual(unusable.map((p) => `${p.kind}: ${p.why}`));
  if (unusable.length > 0)
    await expect(openDevice({ prefer: unusable.map((p) => p.kind) })).rejects.toThrow("no device is usable");
});
