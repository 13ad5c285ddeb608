/** A keeper that follows a chain, which takes its calls, refuses them, or is slow. */
import { expect, test } from "vitest";
import type { RuntimeCall } from "../../runtime/index.ts";
import type { ChainClient } from "../client/chain-client.ts";
import type { OrderDetails } from "../client/queries.ts";
import type { Signer } from "../client/signer.ts";
import { sealKeys } from "../storage/sealed.ts";
import type { Due } from "./due.ts";
import { Keeper } from "./keeper.ts";

const inspectors = [2, 3].map((i) => new Uint8Array(32).fill(i));
const key = new Uint8Array(sealKeys().publicKey);
const details = {
  info: { id: 7, order: { state: "Inspecting", spec: { validation: "Public" } } },
  inspection: {
    phase: "Committing",
    submission: { type: "Proof", value: {} },
    round: 0,
    keys_by: 500,
    seats: inspectors.map((inspector) => ({ inspector, round: 0, sealing_key: key })),
  },
} as unknown as OrderDetails;

/** A chain of which calls are in block `inBlock`, or are refused; what was given is known from then on. */
function world({ inBlock = 12, refusals = 0 } = {}) {
  const sent: RuntimeCall[] = [];
  let given = false;
  const chain = {
    read: async () => (given ? new Uint8Array(80) : undefined),
    submit: async (_: Signer, call: RuntimeCall) => {
      sent.push(call);
      if (sent.length <= refusals) throw new Error("not now");
      return { block: { number: inBlock, hash: "0x" } };
    },
  } as unknown as ChainClient;
  const gave: [Due, number][] = [];
  const failed: string[] = [];
  const keeper = new Keeper(
    chain,
    {} as Signer,
    { training: sealKeys() },
    {
      gave: (due, block) => gave.push([due, block]),
      failed: ({ message }) => failed.push(message),
    },
  );
  const see = async (number: number) => {
    await keeper.see(details, { hash: "0x", number });
    await keeper.settled();
  };
  return { sent, gave, failed, see, keeper, known: () => (given = true) };
}

test("all that is due goes out at once, and nothing more before the chain could know of it", async () => {
  const { sent, gave, see, known } = world({ inBlock: 12 });
  await see(10);
  expect(sent.map(({ type, value }) => `${type}.${value.type}`)).toEqual(["Utility.batch_all"]);
  expect(gave.map(([{ what }, block]) => `${what} ${block}`)).toEqual(
    Array(2).fill("the key of the training data 12"),
  );
  await see(11);
  expect(sent.length).toBe(1);
  known();
  await see(12);
  await see(13);
  expect(sent.length).toBe(1);
});

test("two blocks on end do not send twice what is on its way", async () => {
  const { sent, keeper } = world();
  await Promise.all([10, 11, 12].map((number) => keeper.see(details, { hash: "0x", number })));
  await keeper.settled();
  expect(sent.length).toBeLessThanOrEqual(1);
});

test("what fails is told and tried again, after longer and longer", async () => {
  const { sent, failed, gave, see } = world({ refusals: 3, inBlock: 30 });
  const tries: number[] = [];
  for (let block = 10; block < 30; block++) {
    const before = sent.length;
    await see(block);
    if (sent.length > before) tries.push(block);
  }
  expect(tries).toEqual([10, 11, 13, 17]);
  expect(failed).toEqual(Array(3).fill("not now"));
  expect(gave.length).toBe(2);
});
