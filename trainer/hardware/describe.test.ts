import { totalmem } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Device, openDevice } from "../engine/device/device.ts";
import { describeMachine, type Machine, machineMetadata, maxMetadataBytes } from "./describe.ts";
import { gemmThroughput } from "./gemm-throughput.ts";

let device: Device;
beforeAll(async () => {
  device = await openDevice({ threads: 1 });
});
afterAll(() => device.close());

test("this machine is described, with a reason for what is not usable", async () => {
  const machine = await describeMachine(".");
  expect(machine.memoryBytes).toBe(totalmem());
  expect(machine.cpu.model).not.toBe("");
  expect(machine.cpu.threads).toBeGreaterThan(0);
  expect(machine.disk.totalBytes).toBeGreaterThan(machine.disk.freeBytes);
  for (const { usable, why } of machine.devices) expect(usable).toBe(why === "");
  expect(JSON.parse(machineMetadata(machine, { region: "EU" }))).toMatchObject({
    region: "EU",
    usable: [device.determinism],
  });
});

test("metadata keeps its bound, whatever a driver says", () => {
  const gpu = { model: "é".repeat(500), driver: "x".repeat(500), memoryBytes: 2 ** 36 };
  const machine: Machine = {
    os: "o".repeat(500),
    cpu: { model: "c".repeat(500), cores: 64, threads: 128, features: ["avx2", "fma"] },
    memoryBytes: 2 ** 40,
    gpus: Array.from({ length: 32 }, () => gpu),
    disk: { path: "/", totalBytes: 1, freeBytes: 1 },
    node: "v24",
    devices: [],
  };
  const json = machineMetadata(machine, { network: "n".repeat(500) });
  expect(Buffer.byteLength(json)).toBeLessThanOrEqual(maxMetadataBytes);
  expect(JSON.parse(json).gpus.length).toBeGreaterThan(2);
});

test("throughput is a number that a processor can have", async () => {
  const { flops, n } = await gemmThroughput(device, 1);
  expect(flops).toBeGreaterThan(1e8);
  expect(flops).toBeLessThan(1e15);
  expect(n).toBeGreaterThanOrEqual(256);
});
