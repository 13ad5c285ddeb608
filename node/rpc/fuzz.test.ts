import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestClient } from "./server/testing/client.ts";
import { startToyNode, type ToyNode } from "./testing/toy-node.ts";

let node: ToyNode;
beforeAll(async () => {
  node = await startToyNode();
  await node.extend(node.chain.genesisHash, 1, "a");
});
afterAll(() => node.stop());

/** These pass on in an internal error what an operator did wrong. */
const explainInternally = /^(engine_|system_addLogFilter)/;

test("no argument makes a method fail from inside", async () => {
  const { genesisHash } = node.chain;
  const hexText = fc.uint8Array({ maxLength: 40 }).map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`);
  const likely = fc.oneof(
    fc.constantFrom<unknown>(
      genesisHash,
      node.chain.best.hash,
      null,
      true,
      "",
      "0x",
      "Toy_read",
      "PERSISTENT",
      0,
      1,
    ),
    hexText,
    fc.nat(),
    fc.array(hexText, { maxLength: 3 }),
    fc.constantFrom<unknown>(
      [{ key: "0x", type: "descendantsValues" }],
      [{ key: "0x01", type: "closestDescendantMerkleValue" }],
      [{ key: "0x", returnType: "value" }],
      [{ hash: genesisHash }],
    ),
  );
  const params = fc.oneof(
    fc.array(fc.oneof({ weight: 4, arbitrary: likely }, { weight: 1, arbitrary: fc.jsonValue() }), {
      maxLength: 5,
    }),
    fc.dictionary(fc.constantFrom("hash", "key", "keys", "at", "extrinsic", "__proto__"), likely, {
      maxKeys: 4,
    }),
  );
  const list = await TestClient.open(node.url);
  const { methods } = (await list.get("rpc_methods")) as { methods: string[] };
  list.close();
  expect(methods.length).toBeGreaterThan(90);

  for (const method of methods) {
    // A client for each, so that what one opens is closed before the next.
    const client = await TestClient.open(node.url);
    await fc.assert(
      fc.asyncProperty(params, async (args) => {
        const answer = await client.send(method, args);
        const code = answer.error?.code;
        if (!explainInternally.test(method)) expect({ method, code }).not.toEqual({ method, code: -32603 });
        if (code === -32602) expect(answer.error?.data).toEqual(expect.any(String));
      }),
      { numRuns: 40 },
    );
    client.close();
  }
});
