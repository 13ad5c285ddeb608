import fc from "fast-check";
import { expect, test } from "vitest";
import { readBytes, readMessage } from "./message.ts";
import { maxDepth, maxParts, shapeProblem } from "./shape.ts";

const one = (text: string) => {
  const message = readMessage(text);
  if (message.type !== "one") throw new Error("a batch");
  return message.request;
};
const request = (id: string, rest = "") => `{"jsonrpc":"2.0","id":${id},"method":"m"${rest}}`;

test("ids come back as they were written", () => {
  for (const id of ["0", "-1", "1.5", "18446744073709551615", "1e400", "null", '"a\\"b"', '""', '"0"'])
    expect(one(request(id))).toMatchObject({ type: "call", id });
});

test("an id of another kind is no id", () => {
  for (const id of ["true", "[1]", "{}"])
    expect(one(request(id))).toMatchObject({ type: "bad", id: "null", error: { code: -32600 } });
});

test("a request without an id is a notification", () => {
  expect(one('{"jsonrpc":"2.0","method":"m"}')).toEqual({ type: "notification" });
});

test("params may be an array, an object, null or absent", () => {
  expect(one(request("1"))).toMatchObject({ params: [] });
  expect(one(request("1", ',"params":null'))).toMatchObject({ params: [] });
  expect(one(request("1", ',"params":[1]'))).toMatchObject({ params: [1] });
  expect(one(request("1", ',"params":{"a":1}'))).toMatchObject({ params: { a: 1 } });
  expect(one(request("1", ',"params":3'))).toMatchObject({ type: "bad", id: "1", error: { code: -32600 } });
});

test("what is no request is told apart from what is no JSON", () => {
  for (const text of ["", "{", "nul", '{"jsonrpc":"2.0",}'])
    expect(one(text)).toMatchObject({ type: "bad", id: "null", error: { code: -32700 } });
  for (const text of ["1", "null", '"x"', "{}", '{"id":1,"method":"m"}', '{"jsonrpc":"2.0","id":1}', "[]"])
    expect(one(text)).toMatchObject({ type: "bad", error: { code: -32600 } });
});

test("a batch keeps its order and its bad parts", () => {
  const message = readMessage(`[${request("1")},2,${request("3")}]`);
  expect(message).toMatchObject({
    type: "batch",
    requests: [{ id: "1" }, { type: "bad", id: "null" }, { id: "3" }],
  });
});

test("bytes that are not UTF-8 are a parse error", () => {
  expect(readBytes(Uint8Array.of(0x7b, 0xff, 0x7d))).toMatchObject({ request: { error: { code: -32700 } } });
  expect(readBytes(Buffer.from(request('"é"')))).toMatchObject({ request: { id: '"é"' } });
});

test("deep and crowded messages are refused before they are parsed", () => {
  const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  expect(shapeProblem(deep(maxDepth))).toBeUndefined();
  expect(shapeProblem(`{"a":${deep(maxDepth)}}`)).toContain("deeper");
  expect(shapeProblem("[".repeat(15_000_000))).toContain("deeper");
  expect(shapeProblem(`[${"{},".repeat(maxParts)}{}]`)).toContain("more than");
  expect(one("[".repeat(1000))).toMatchObject({ error: { code: -32700 } });
});

test("brackets and commas in strings do not count", () => {
  const text = `["${"[{,".repeat(maxParts)}","\\\\","\\"[[[["]`;
  expect(shapeProblem(text)).toBeUndefined();
});

test("the shape of ordinary JSON is never a problem, and no text makes the reader throw", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (json) => {
      expect(shapeProblem(json)).toBeUndefined();
    }),
  );
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => void readMessage(text)));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readBytes(bytes)));
});
