import fc from "fast-check";
import sodium from "sodium-native";
import { expect, test } from "vitest";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk } from "../../runtime/frame/testing/expectations.ts";
import { machine, market, sealingKey, stranger, trainer } from "../marketplace/testing/market.ts";
import { happened, person } from "../testing/chain.ts";
import { storage } from "./index.ts";

const set = (key: Uint8Array) => ({
  type: "TrainerStaking",
  value: { type: "set_sealing_key", value: { key } },
});

const field = 2n ** 255n - 19n;
const bytesOf = (x: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((x >> BigInt(8 * i)) & 255n));

/** Whether libsodium can agree on a key with this public one: its own judgement of points of small order. */
function isUsable(key: Uint8Array): boolean {
  const [pk, sk] = [Buffer.alloc(32), Buffer.alloc(32)];
  sodium.crypto_kx_seed_keypair(pk, sk, Buffer.alloc(32, 7));
  try {
    sodium.crypto_kx_client_session_keys(Buffer.alloc(32), Buffer.alloc(32), pk, sk, Buffer.from(key));
    return true;
  } catch {
    return false;
  }
}

test("a trainer sets its sealing key, replaces it, and has none once it has left", () => {
  const chain = market(3);
  const origin = signedOrigin(trainer(0));
  for (const fill of [7, 8]) {
    const key = new Uint8Array(32).fill(fill);
    assertOk(chain, set(key), origin);
    expect(storage.SealingKeys.get(chain.ctx, trainer(0))).toEqual(key);
    expect(happened(chain.ctx).at(-1)).toEqual([
      "TrainerStaking.SealingKeySet",
      { trainer: trainer(0), key },
    ]);
  }
  assertNoop(chain, set(person(1)), signedOrigin(stranger), "TrainerStaking.NotRegistered");
  storage.Trainers.mutateExists(chain.ctx, trainer(0), (t) => t && { ...t, required: 0n });
  assertOk(chain, { type: "TrainerStaking", value: { type: "deregister", value: {} } }, origin);
  expect(storage.SealingKeys.get(chain.ctx, trainer(0))).toBeUndefined();
  expect(storage.SealingKeys.get(chain.ctx, trainer(1))).toEqual(sealingKey(1));
  expect(machine(0)).toHaveLength(16);
});

test("points of small order are refused, as libsodium refuses to agree on a key with them", () => {
  const chain = market(3);
  const order8 = [
    325606250916557431795983626356110631294008115727848805560023387167927233504n,
    39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  ];
  const small = [0n, 1n, ...order8, field - 1n, field, field + 1n];
  for (const x of small.flatMap((x) => [x, x + 2n ** 255n])) {
    expect(isUsable(bytesOf(x)), "libsodium agrees").toBe(false);
    assertNoop(chain, set(bytesOf(x)), signedOrigin(trainer(0)), "TrainerStaking.UnusableKey");
  }
  for (const x of [2n, 9n, field - 2n, field + 2n, ...order8.map((x) => x + 1n)]) {
    expect(isUsable(bytesOf(x))).toBe(true);
    assertOk(chain, set(bytesOf(x)), signedOrigin(trainer(0)));
  }
});

test("any other key is taken", () => {
  const chain = market(3);
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
      expect(isUsable(key)).toBe(true);
      assertOk(chain, set(key), signedOrigin(trainer(0)));
    }),
    { numRuns: 100 },
  );
});
