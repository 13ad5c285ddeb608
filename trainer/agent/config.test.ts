import { expect, test } from "vitest";
import { readConfig } from "./config.ts";

const account = new Uint8Array(32).fill(1);
const mai = 10n ** 12n;

test("an agent of which nothing is said inspects and appeals, and has neither machines, bids, figures nor a bound", () => {
  expect(readConfig({}, account)).toMatchObject({
    machines: [],
    policy: { maxOrders: 1, haste: 2 },
    appeal: true,
    bids: undefined,
    metricsPort: undefined,
    claimFrom: mai,
  });
  expect(readConfig({}, account)).not.toHaveProperty("maxDiskBytes");
});

test("money is written in MAI, work in ut, the disk in GiB", () => {
  const bids = { pricePerUt: 0.5, longest: 600, disk: 512 };
  const machines = [
    { declared: 1.5, offer: { pricePerUt: 2 }, device: ["cuda"], deviceId: 1 },
    { declared: 1 },
  ];
  const config = readConfig({ machines, bids, diskGiB: 1.5, appeal: false, metricsPort: 9616 }, account);
  expect(config).toMatchObject({
    bids: { price_per_ut: mai / 2n, longest: 600, disk: 512 },
    maxDiskBytes: 1.5 * 2 ** 30,
    appeal: false,
    metricsPort: 9616,
  });
  const [first, second] = config.machines;
  expect(first).toMatchObject({
    declared: 1_500_000n,
    offer: { price_per_ut: 2n * mai, longest: 14_400, disk: 10_240 },
    device: { prefer: ["cuda"], deviceId: 1 },
  });
  expect(second?.offer).toBeUndefined();
  expect(first?.id).not.toEqual(second?.id);
});

test("every field that is wrong is named", () => {
  const wrong = { bids: { pricePerUt: 0 }, diskGiB: -1, metricsPort: 65_536, appeal: "no", colour: "red" };
  for (const field of ["bids.pricePerUt", "diskGiB", "metricsPort", "appeal", "colour"])
    expect(() => readConfig(wrong, account)).toThrow(field);
});
