import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  binaryStart,
  readBlocks,
  type SignedBlock,
  toBinary,
  toJsonLine,
} from "../../node/cli/block-file.ts";
import { alice, bob, carol, mai, type TestNode, testNodes } from "../../node/service/testing/test-node.ts";
import * as system from "../../pallets/system/index.ts";
import type { AnyCall } from "../../runtime/frame/runtime-call.ts";
import { transfer } from "../support/wallet.ts";

let folder: string;
let nodes: ReturnType<typeof testNodes>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "replay-"));
  nodes = testNodes();
});
afterEach(async () => {
  await nodes.close();
  rmSync(folder, { recursive: true, force: true });
});

const people = [alice, bob, carol] as const;
const person = fc.constantFrom(...people.map(({ account }) => account));
const id = (value: Uint8Array) => ({ type: "Id", value });

/** Calls of several pallets, some of which fail: too large an amount, nothing to remove, no such proxy. */
const call: fc.Arbitrary<AnyCall> = fc.oneof(
  fc.record({ to: person, mai: fc.bigInt({ min: 0n, max: 2000n }) }).map((f) => transfer(f.to, f.mai * mai)),
  fc.uint8Array({ maxLength: 300 }).map((remark) => pallet("System", "remark_with_event", { remark })),
  person.map((delegate) =>
    pallet("Proxy", "add_proxy", {
      delegate: id(delegate),
      proxy_type: "Any",
      delay: 0,
    }),
  ),
  fc
    .tuple(person, fc.bigInt({ min: 1n, max: 5n }))
    .map(([to, amount]) =>
      pallet("Utility", "batch", { calls: [transfer(to, amount * mai), transfer(to, 10_000n * mai)] }),
    ),
  person.map((real) =>
    pallet("Proxy", "proxy", {
      real: id(real),
      force_proxy_type: undefined,
      call: transfer(carol.account, mai),
    }),
  ),
);

function pallet(type: string, name: string, value: Readonly<Record<string, unknown>>): AnyCall {
  return { type, value: { type: name, value } };
}

/** A chain of blocks with these calls in them, from whoever the numbers say. */
async function grow(node: TestNode, blocks: readonly (readonly (readonly [number, AnyCall])[])[]) {
  for (const calls of blocks) {
    for (const [from, one] of calls) {
      const sender = people[from % people.length]!;
      const { nonce } = system.readAccount({ storage: node.state() }, sender.account);
      await node.submit(node.sign(sender, one, nonce));
    }
    await node.seal({ finalize: true });
  }
}

test.each(["binary", "JSON"])(
  "a chain that was exported as %s leads to the same states where it is executed again",
  async (form) => {
    const [author, follower] = [await nodes.node("author"), await nodes.node("follower")];
    const content = fc.array(fc.array(fc.tuple(fc.nat(2), call), { maxLength: 3 }), {
      minLength: 15,
      maxLength: 15,
    });
    await grow(author, fc.sample(content, { numRuns: 1, seed: 7 })[0]!);
    const { chain } = author;

    const blocks: SignedBlock[] = [];
    for (let number = 1; number <= chain.best.number; number++) {
      const hash = chain.hashAt(number)!;
      blocks.push({ block: author.block(hash), justifications: chain.justifications(hash)! });
    }
    expect(blocks.some(({ block }) => block.extrinsics.length > 1)).toBe(true);
    const file = join(folder, "blocks");
    const isBinary = form === "binary";
    writeFileSync(
      file,
      isBinary
        ? Buffer.concat([binaryStart(blocks.length), ...blocks.map(toBinary)])
        : blocks.map(toJsonLine).join(""),
    );

    for await (const { block } of readBlocks(file, isBinary)) {
      expect(await follower.chain.import(block, "file")).toMatchObject({ type: "imported" });
    }
    expect(follower.chain.best).toEqual(chain.best);
    const [theirs, ours] = [follower.state(), author.state()];
    expect([...theirs.entries()]).toEqual([...ours.entries()]);
  },
);
