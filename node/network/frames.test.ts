import type { Stream } from "@libp2p/interface";
import { streamPair } from "@libp2p/utils";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameReader } from "./frame-reader.ts";
import { writeFrame } from "./frame-writer.ts";
import { eventually } from "./testing/eventually.ts";
import { prefix } from "./testing/raw-host.ts";

const signal = new AbortController().signal;
const limits = { maxBytes: 300_000, idleMs: 5_000, signal };

test("frames arrive as they were sent, however they were cut on the way", async () => {
  const bytes = fc.uint8Array({ maxLength: 3_000 });
  const cuts = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 5 }), cuts, async (frames, lengths) => {
      const [sender, receiver] = await streamPair();
      const reader = new FrameReader(receiver);
      const whole = Buffer.concat(frames.flatMap((frame) => [prefix(frame.length), frame]));
      for (let at = 0, i = 0; at < whole.length; i++) {
        const end = at + lengths[i % lengths.length]!;
        sender.send(whole.subarray(at, end));
        at = end;
      }
      for (const frame of frames)
        expect(Buffer.from((await reader.read(limits))!)).toEqual(Buffer.from(frame));
      await sender.close();
      expect(await reader.read(limits)).toBeUndefined();
      receiver.abort(new Error("done"));
    }),
    { numRuns: 30 },
  );
});

test("arbitrary bytes give frames, an end, or a frame error, and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      const [sender, receiver] = await streamPair();
      const reader = new FrameReader(receiver);
      if (bytes.length > 0) sender.send(bytes);
      await sender.close();
      let read = 0;
      try {
        for (let frame = await reader.read(limits); frame; frame = await reader.read(limits))
          read += 4 + frame.length;
        expect(read).toBe(bytes.length);
      } catch (error) {
        expect(error).toMatchObject({
          name: "FrameError",
          code: expect.stringMatching(/^(TooLarge|Truncated)$/),
        });
      }
      receiver.abort(new Error("done"));
    }),
    { numRuns: 100 },
  );
});

test("a large frame passes while it is read", async () => {
  const [sender, receiver] = await streamPair();
  const frame = new Uint8Array(300_000).map((_, i) => i);
  const sent = writeFrame(sender, [frame.subarray(0, 10), frame.subarray(10)], limits);
  const read = await new FrameReader(receiver).read(limits);
  await sent;
  expect(Buffer.compare(read!, frame)).toBe(0);
});

test("silence, a reset and a signal each end the reading with their reason", async () => {
  const [, quiet] = await streamPair();
  await expect(new FrameReader(quiet).read({ ...limits, idleMs: 20 })).rejects.toMatchObject({
    code: "Idle",
  });
  const [sender, receiver] = await streamPair();
  const reading = new FrameReader(receiver).read(limits);
  sender.send(prefix(3));
  sender.abort(new Error("no more"));
  await expect(reading).rejects.toMatchObject({ code: "Reset" });
  const [, waiting] = await streamPair();
  const controller = new AbortController();
  const aborted = new FrameReader(waiting).read({ ...limits, signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(aborted).rejects.toThrow("enough");
});

test("what comes beside a frame is not kept: the stream stands still until the next one is wanted", async () => {
  const [sender, receiver] = await streamPair();
  const reader = new FrameReader(receiver);
  sender.send(Uint8Array.of(...prefix(1), 1));
  expect(await reader.read(limits)).toEqual(Uint8Array.of(1));
  sender.send(Uint8Array.of(...prefix(1), 2));
  await eventually(() => receiver.readStatus).toBe("paused");
  expect(await reader.read(limits)).toEqual(Uint8Array.of(2));
});

test("a reset stream whose last bytes never come is given up, and nothing stands still meanwhile", async () => {
  // As libp2p leaves one that was reset while it was read: its buffer is not empty, and no event follows.
  const stuck = Object.assign(new EventTarget(), {
    status: "reset",
    readStatus: "readable",
    readBufferLength: 5,
    readableEnded: false,
  });
  const reader = new FrameReader(stuck as unknown as Stream);
  await expect(reader.read(limits)).rejects.toMatchObject({ name: "FrameError", code: "Reset" });
});
