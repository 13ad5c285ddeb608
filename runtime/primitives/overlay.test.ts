import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyText, textKey } from "./key-text.ts";
import { memoryBackend } from "./memory-backend.ts";
import { Overlay } from "./overlay.ts";
import { trieRoot } from "./trie/root.ts";

/** The obvious thing: a stack of whole copies. */
class NaiveStack {
  readonly backend: Map<string, string>;
  readonly layers: Map<string, string>[];

  constructor(entries: readonly (readonly [string, string])[]) {
    this.backend = new Map(entries);
    this.layers = [new Map(entries)];
  }

  get top(): Map<string, string> {
    return this.layers.at(-1)!;
  }

  append(key: string, item: string): void {
    const old = Uint8Array.from(this.top.get(key) ?? "", (c) => c.charCodeAt(0));
    // The model's lists stay below 64 items: their length is one byte with two low zero bits.
    const isList = old.length > 0 && (old[0]! & 3) === 0;
    const count = isList ? old[0]! >> 2 : 0;
    const rest = isList ? String.fromCharCode(...old.subarray(1)) : "";
    this.top.set(key, String.fromCharCode((count + 1) << 2) + rest + item);
  }

  nextKey(key: string): string | undefined {
    return [...this.top.keys()].sort().find((other) => other > key);
  }
}

// Few, so that steps meet: prefixes of one another, neighbours, and the last key there is.
const key = fc.constantFrom("", "\0", "\0\0", "\0\x01", "\x01", "\x01\0", "\x02", "\xff", "\xff\xff");
const value = fc.constantFrom("", "\0", "a", "b", "\x08ab");
const command = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("set" as const), key, value }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("delete" as const), key }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("append" as const), key, value: fc.constantFrom("x", "y") }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("begin" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("commit" as const, "rollback" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("deletePrefix" as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("nextKey" as const), key }) },
);

const text = (bytes: Uint8Array | undefined) => bytes && keyText(bytes);

describe("overlay", () => {
  test("behaves like a stack of whole copies", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(key, value), { selector: ([k]) => k, maxLength: 12 }),
        fc.array(command, { maxLength: 60, size: "max" }),
        (entries, commands) => {
          const model = new NaiveStack(entries);
          const backend = memoryBackend(entries.map(([k, v]) => [textKey(k), textKey(v)] as const));
          const overlay = new Overlay(backend);
          // Read at every step, so that whatever is remembered of a value must follow it.
          const keys = new Set([
            ...entries.map(([k]) => k),
            ...commands.flatMap((c) => ("key" in c ? [c.key] : [])),
          ]);
          for (const step of commands) {
            if (step.do === "set") {
              overlay.set(textKey(step.key), textKey(step.value));
              model.top.set(step.key, step.value);
            } else if (step.do === "delete") {
              overlay.delete(textKey(step.key));
              model.top.delete(step.key);
            } else if (step.do === "append") {
              overlay.append(textKey(step.key), textKey(step.value));
              model.append(step.key, step.value);
            } else if (step.do === "begin") {
              overlay.begin();
              model.layers.push(new Map(model.top));
            } else if (step.do === "deletePrefix") {
              overlay.deletePrefix(textKey(step.key));
              for (const k of [...model.top.keys()]) if (k.startsWith(step.key)) model.top.delete(k);
            } else if (step.do === "nextKey") {
              expect(text(overlay.nextKey(textKey(step.key)))).toBe(model.nextKey(step.key));
            } else if (model.layers.length > 1) {
              const top = model.layers.pop()!;
              if (step.do === "commit") model.layers[model.layers.length - 1] = top;
              overlay[step.do]();
            }
            for (const k of keys) expect(text(overlay.get(textKey(k)))).toBe(model.top.get(k));
          }
          const seen = new Map(model.backend);
          for (const [k, v] of overlay.changes()) v === undefined ? seen.delete(k) : seen.set(k, keyText(v));
          expect([...seen].sort()).toEqual([...model.top].sort());
          const left = [...model.top].map(([k, v]) => [textKey(k), textKey(v)] as const);
          expect(overlay.root()).toEqual(trieRoot(left, 1));
        },
      ),
      { numRuns: 400 },
    );
  });

  test("an appended list is the same bytes as one written at once, at every width of its length", () => {
    const overlay = new Overlay(memoryBackend());
    const at = textKey("events");
    const lengths = [1, 63, 64, 65, 16_383, 16_384, 16_500];
    for (let count = 1; count <= 16_500; count++) {
      overlay.append(at, new Uint8Array([7]));
      if (!lengths.includes(count)) continue;
      const compact =
        count < 64
          ? [count << 2]
          : count < 16_384
            ? [((count << 2) & 255) | 1, count >> 6]
            : [((count << 2) & 255) | 2, (count >> 6) & 255, (count >> 14) & 255, 0];
      expect(overlay.get(at)).toEqual(Uint8Array.from([...compact, ...new Array(count).fill(7)]));
    }
  });

  test("appending goes on from the state below and returns to it", () => {
    const overlay = new Overlay(memoryBackend([[textKey("list"), Uint8Array.from([8, 1, 2])]]));
    overlay.begin();
    overlay.append(textKey("list"), Uint8Array.of(3));
    overlay.begin();
    overlay.append(textKey("list"), Uint8Array.of(4));
    overlay.rollback();
    overlay.append(textKey("list"), Uint8Array.of(5));
    expect(overlay.get(textKey("list"))).toEqual(Uint8Array.from([16, 1, 2, 3, 5]));
    overlay.rollback();
    expect(overlay.get(textKey("list"))).toEqual(Uint8Array.from([8, 1, 2]));
    expect(overlay.changes().size).toBe(0);
  });

  test("a limited deletion tells where to go on, and what was written above does not count", () => {
    const keys = ["a1", "a2", "a3", "a4", "b"].map(textKey);
    const overlay = new Overlay(memoryBackend(keys.map((k) => [k, new Uint8Array(1)] as const)));
    overlay.set(textKey("a25"), new Uint8Array(1));
    overlay.set(textKey("a3"), new Uint8Array(2));
    const first = overlay.deletePrefix(textKey("a"), 3);
    expect(first).toEqual({ cursor: textKey("a4"), backend: 2, unique: 4, loops: 3 });
    expect(overlay.nextKey(textKey("a"))).toEqual(textKey("a4"));
    const second = overlay.deletePrefix(textKey("a"), 3, first.cursor);
    expect(second).toEqual({ cursor: undefined, backend: 1, unique: 1, loops: 1 });
    expect(overlay.nextKey(textKey("a"))).toEqual(textKey("b"));
  });

  test("changes are one snapshot until something is written", () => {
    const overlay = new Overlay(memoryBackend());
    overlay.set(textKey("k"), new Uint8Array(1));
    const before = overlay.changes();
    expect(overlay.changes()).toBe(before);
    overlay.append(textKey("list"), new Uint8Array(1));
    expect(before.size).toBe(1);
    expect(overlay.changes().size).toBe(2);
  });

  test("closing a transaction that is not open is a mistake", () => {
    const overlay = new Overlay(memoryBackend());
    expect(() => overlay.commit()).toThrow("no transaction is open");
    expect(() => overlay.rollback()).toThrow("no transaction is open");
  });
});
