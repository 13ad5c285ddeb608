import fc from "fast-check";
import { expect, test } from "vitest";
import { Devices } from "./devices.ts";

const gpu = (deviceId: number) => ({ prefer: ["cuda" as const], deviceId });
const running = () => new AbortController().signal;

test("trainings on one device follow each other, those on others do not wait", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.nat(2), { minLength: 1, maxLength: 12 }),
      async (s, places) => {
        const devices = new Devices([0, 1, 2].map(gpu));
        const [at, most, order] = [new Map<number, number>(), new Map<number, number>(), [] as number[]];
        const all = places.map((place, i) =>
          devices.train(gpu(place), running(), async () => {
            order.push(i);
            at.set(place, (at.get(place) ?? 0) + 1);
            most.set(place, Math.max(most.get(place) ?? 0, at.get(place)!));
            await s.schedule(Promise.resolve());
            at.set(place, at.get(place)! - 1);
          }),
        );
        await s.waitFor(Promise.all(all));
        expect([...most.values()].every((n) => n === 1)).toBe(true);
        for (const place of new Set(places)) {
          const theirs = order.filter((i) => places[i] === place);
          expect(theirs).toEqual(theirs.toSorted((a, b) => a - b));
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("a training that is given up or fails does not hold up the next, nor let it overtake", async () => {
  const devices = new Devices([gpu(0)]);
  let end = () => {};
  const first = devices.train(gpu(0), running(), () => new Promise<void>((resolve) => (end = resolve)));
  const stop = new AbortController();
  const second = devices.train(gpu(0), stop.signal, async () => "second");
  let hasBegun = false;
  const third = devices.train(gpu(0), running(), async () => {
    hasBegun = true;
    throw new Error("broken");
  });
  const fourth = devices.train(gpu(0), running(), async () => "fourth");
  stop.abort(new Error("given up"));
  await expect(second).rejects.toThrow("given up");
  expect(hasBegun).toBe(false);
  end();
  await first;
  await expect(third).rejects.toThrow("broken");
  expect(await fourth).toBe("fourth");
});

test("inspections go where least is under way, and never wait", async () => {
  const devices = new Devices([gpu(0), gpu(1)]);
  const ends: (() => void)[] = [];
  const hang = () => new Promise<void>((resolve) => ends.push(resolve));
  const all = [devices.train(gpu(0), running(), hang)];
  await Promise.resolve();
  await Promise.resolve();
  const seen: unknown[] = [];
  const look = (options: { deviceId?: number | undefined }) => {
    seen.push(options.deviceId);
    return hang();
  };
  for (let i = 0; i < 3; i++) all.push(devices.inspect(look));
  expect(seen).toEqual([1, 0, 1]);
  for (const end of ends) end();
  await Promise.all(all);
  expect(await new Devices([]).inspect(async (options) => options)).toEqual({});
});
