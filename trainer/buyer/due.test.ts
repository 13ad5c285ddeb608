/** What a buyer owes at each moment of an order, told by a chain of a few lines. */
import { describe, expect, test } from "vitest";
import { type KeyPurpose, storage as marketplace } from "../../pallets/marketplace/index.ts";
import type { ChainClient } from "../client/chain-client.ts";
import type { OrderDetails } from "../client/queries.ts";
import { openOrderKey } from "../job/order-keys.ts";
import { sealKeys } from "../storage/sealed.ts";
import { dueOf } from "./due.ts";
import type { JobSecrets } from "./order-secrets.ts";

const order = 7;
const person = (i: number) => new Uint8Array(32).fill(i);
const sealing = new Map([1, 2, 3, 4, 5].map((i) => [i, sealKeys()]));
const publicOf = (i: number) => new Uint8Array(sealing.get(i)!.publicKey);
const secrets = {
  training: sealKeys(),
  validation: { keys: sealKeys(), uri: "s3://bucket/validation.json" },
  results: sealKeys(),
} as const satisfies JobSecrets;

type Change = Record<string, unknown>;

/** An order of trainer 1, whose deadline is block 100; inspectors 2 to 4 of the first panel. */
const details = (live: Change, inspection?: Change): OrderDetails =>
  ({
    info: {
      id: order,
      order: {
        state: "Accepted",
        deadline: 100,
        spec: { validation: "Released" },
        deal: { trainer: person(1), sealing_key: publicOf(1) },
        ...live,
      },
    },
    inspection: inspection && {
      phase: "Committing",
      submission: { type: "Proof", value: {} },
      round: 0,
      keys_by: 50,
      release_by: 50,
      released: undefined,
      seats: [2, 3, 4].map((i) => ({ inspector: person(i), round: 0, sealing_key: publicOf(i) })),
      ...inspection,
    },
  }) as unknown as OrderDetails;

/** A chain on which some have been given some keys. */
const chain = (...given: [to: number, purpose: KeyPurpose][]): ChainClient =>
  ({
    read: async (item: unknown, [id, to, purpose]: [number, Uint8Array, KeyPurpose]) => {
      expect([item, id]).toEqual([marketplace.ReleasedKeys, order]);
      return given.some(([who, what]) => who === to[0] && what === purpose) ? new Uint8Array(80) : undefined;
    },
  }) as unknown as ChainClient;

/** What is due, as `recipient purpose`, or `validation` for all. */
async function due(
  found: OrderDetails,
  { given = [] as [number, KeyPurpose][], own = secrets as JobSecrets, block = 10 } = {},
) {
  const all = await dueOf(chain(...given), found, own, { hash: "0x", number: block });
  return all.map(({ to, call }) => {
    const { value } = call.value as { value: { purpose?: string; key?: Uint8Array } };
    return to === undefined ? "validation" : `${to[0]} ${value.purpose}`;
  });
}

describe("the trainer", () => {
  test("is given the key of the data once it has accepted, and no second time", async () => {
    expect(await due(details({}))).toEqual(["1 TrainingData"]);
    expect(await due(details({}), { given: [[1, "TrainingData"]] })).toEqual([]);
    const [only] = await dueOf(chain(), details({}), secrets, { hash: "0x", number: 10 });
    const { key } = (only!.call.value as unknown as { value: { key: Uint8Array } }).value;
    const opened = openOrderKey({ order, purpose: "TrainingData" }, key, sealing.get(1)!);
    expect(Buffer.from(opened.secretKey)).toEqual(Buffer.from(secrets.training.secretKey));
  });

  test.each<[string, OrderDetails, JobSecrets?]>([
    ["before it has accepted", details({ state: "Placed", deal: undefined })],
    ["without a key to seal to", details({ deal: { trainer: person(1), sealing_key: undefined } })],
    [
      "that claims a fault",
      details({ state: "ProofSubmitted" }, { phase: "Drawing", submission: { type: "Fault" } }),
    ],
    ["whose data lies in the open", details({}), { results: secrets.results }],
    ["when the deadline has come", details({ deadline: 10 })],
  ])("%s is given nothing", async (_, found, own = secrets) => {
    expect(await due(found, { own })).toEqual([]);
  });
});

describe("inspectors", () => {
  const inspecting = (inspection: Change) => details({ state: "Inspecting" }, inspection);

  test("are given both keys and the way to the data, each what it has not", async () => {
    const all = ["validation", ...[2, 3, 4].flatMap((i) => [`${i} TrainingData`, `${i} ValidationData`])];
    expect(await due(inspecting({}))).toEqual(all);
    const released = inspecting({ released: new Uint8Array(3) });
    expect(
      await due(released, {
        given: [
          [2, "TrainingData"],
          [4, "ValidationData"],
        ],
      }),
    ).toEqual(["2 ValidationData", "3 TrainingData", "3 ValidationData", "4 TrainingData"]);
  });

  test("of a later panel are given the same keys; who sat before is not", async () => {
    const seats = [
      { inspector: person(2), round: 0, sealing_key: publicOf(2) },
      { inspector: person(5), round: 2, sealing_key: publicOf(5) },
    ];
    const appealed = inspecting({ round: 2, release_by: undefined, released: new Uint8Array(3), seats });
    expect(await due(appealed)).toEqual(["5 TrainingData", "5 ValidationData"]);
  });

  test("who judge a claim need no validation data", async () => {
    const claim = inspecting({ submission: { type: "Fault", value: "BadData" }, release_by: undefined });
    expect(await due(claim)).toEqual(["2 TrainingData", "3 TrainingData", "4 TrainingData"]);
  });

  test.each<[string, Change]>([
    ["when it is too late", { keys_by: 10, release_by: 10 }],
    ["while they reveal", { phase: "Revealing", released: new Uint8Array(3) }],
    ["where the chain waits for nothing", { keys_by: undefined, release_by: undefined }],
  ])("%s are given nothing", async (_, change) => {
    expect(await due(inspecting(change))).toEqual([]);
  });
});

test("an order that is over owes nothing", async () => {
  const over = { info: { id: order, order: undefined, ended: {} }, inspection: undefined };
  expect(await due(over as unknown as OrderDetails)).toEqual([]);
});
