import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noneOrigin, rootOrigin, signedOrigin } from "../../runtime/frame/origin.ts";
import { assertNoop, assertOk, assertThrows } from "../../runtime/frame/testing/expectations.ts";
import { textBytes, toHex } from "../../runtime/primitives/bytes.ts";
import { decode, encode } from "../../runtime/primitives/codec.ts";
import { preRuntime } from "../../runtime/primitives/digest.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { weight } from "../../runtime/primitives/weight.ts";
import { alice, bob, eventNames, happened, testChain } from "../testing/chain.ts";
import { accountInfo, emptyAccount } from "./account-info.ts";
import * as System from "./index.ts";
import { limits } from "./limits.ts";
import { maxConsumers } from "./schema.ts";

const systemCall = (type: string, value: unknown) => ({ type: "System", value: { type, value } });

describe("accounts", () => {
  test("a record is the 80 bytes that clients decode", () => {
    const info = { ...emptyAccount(), nonce: 1, consumers: 2, providers: 3, sufficients: 4 };
    info.data.free = 5n;
    info.data.reserved = (1n << 100n) + 6n;
    const bytes = encode(accountInfo, info);
    expect(toHex(bytes)).toBe(
      `0x${"01000000020000000300000004000000"}${"05000000000000000000000000000000"}${"06000000000000000000000010000000"}${"00".repeat(16)}${"00".repeat(15)}80`,
    );
  });

  test("a record of any values comes back as it was", () => {
    const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const u128 = fc.oneof(
      fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
      fc.constantFrom(0n, 1n << 127n, 1n << 63n),
    );
    const data = fc.record({ free: u128, reserved: u128, frozen: u128, flags: u128 });
    const record = fc.record({ nonce: u32, consumers: u32, providers: u32, sufficients: u32, data });
    fc.assert(
      fc.property(record, (info) => {
        const bytes = encode(accountInfo, info);
        expect(bytes).toHaveLength(80);
        expect(decode(accountInfo, bytes)).toEqual(info);
      }),
    );
  });

  test("the first provider creates an account, losing the last one ends it", () => {
    const { ctx } = testChain();
    System.incProviders(ctx, alice);
    System.incProviders(ctx, alice);
    expect(System.readAccount(ctx, alice).providers).toBe(2);
    System.decProviders(ctx, alice);
    expect(System.decProviders(ctx, alice)).toBe("killed");
    expect(System.accountExists(ctx, alice)).toBe(false);
    expect(happened(ctx)).toEqual([
      ["System.NewAccount", { account: alice }],
      ["System.KilledAccount", { account: alice }],
    ]);
    expect(System.decProviders(ctx, alice)).toBe("killed");
    expect(eventNames(ctx)).toHaveLength(2);
  });

  test("a consumer needs a provider and holds on to the last one", () => {
    const { ctx } = testChain();
    assertThrows(() => System.incConsumers(ctx, alice), "NoProviders");
    System.incProviders(ctx, alice);
    System.incConsumers(ctx, alice);
    assertThrows(() => System.decProviders(ctx, alice), "ConsumerRemaining");
    System.incProviders(ctx, alice);
    expect(System.decProviders(ctx, alice)).toBe("same");
    for (let i = 1; i < maxConsumers; i++) System.incConsumers(ctx, alice);
    assertThrows(() => System.incConsumers(ctx, alice), "TooManyConsumers");
    System.decConsumers(ctx, alice);
    System.incConsumers(ctx, alice);
  });

  test("sufficients keep an account alone, but carry no consumer", () => {
    const { ctx } = testChain();
    expect(System.incSufficients(ctx, bob)).toBe("created");
    assertThrows(() => System.incConsumers(ctx, bob), "NoProviders");
    System.incProviders(ctx, bob);
    expect(System.decSufficients(ctx, bob)).toBe("same");
    expect(System.decProviders(ctx, bob)).toBe("killed");
  });

  test("an absent account reads as an empty one, which is the reader's own", () => {
    const { ctx } = testChain();
    System.readAccount(ctx, alice).data.free = 9n;
    expect(System.readAccount(ctx, alice).data.free).toBe(0n);
    expect(System.storage.Account.get(ctx, alice).data.flags).toBe(1n << 127n);
  });
});

describe("a block", () => {
  const hashOf = (n: number) => new Uint8Array(32).fill(n % 256);

  test("knows its parent, and its events begin anew", () => {
    const { ctx } = testChain();
    System.incProviders(ctx, alice);
    System.finalize(ctx);
    expect(eventNames(ctx)).toEqual(["System.NewAccount"]);
    System.initialize(ctx, 2, hashOf(9), [preRuntime("pow_", alice)]);
    expect(System.storage.Events.get(ctx)).toEqual([]);
    expect(System.storage.EventCount.get(ctx)).toBe(0);
    expect(System.blockNumber(ctx)).toBe(2);
    expect(System.blockHash(ctx, 1)).toEqual(hashOf(9));
    System.depositLog(ctx, { type: "Other", value: textBytes("x") });
    const block = System.finalize(ctx);
    expect(block).toMatchObject({ number: 2, parentHash: hashOf(9), extrinsics: [] });
    expect(block.digest).toEqual([preRuntime("pow_", alice), { type: "Other", value: textBytes("x") }]);
  });

  test("keeps the last hashes, and that of block 0 for ever", () => {
    const { ctx } = testChain();
    System.storage.BlockHash.set(ctx, 0, hashOf(77));
    const kept = System.constants.BlockHashCount;
    for (let n = 2; n <= kept + 5; n++) {
      System.initialize(ctx, n, hashOf(n), []);
      System.finalize(ctx);
    }
    const numbers = [...System.storage.BlockHash.keys(ctx)].map(([n]) => n).sort((a, b) => a - b);
    expect(numbers[0]).toBe(0);
    expect(numbers[1]).toBe(5);
    expect(numbers.at(-1)).toBe(kept + 4);
    expect(System.blockHash(ctx, 0)).toEqual(hashOf(77));
  });

  test("leaves nothing behind but what clients read", () => {
    const { ctx } = testChain();
    const info = { weight: weight(10n), class: "Normal", pays_fee: "Yes" } as const;
    System.noteExtrinsic(ctx, Uint8Array.of(4, 1));
    System.noteAppliedExtrinsic(ctx, { ok: true, info: { actual_weight: undefined, pays_fee: "Yes" } }, info);
    System.noteExtrinsic(ctx, Uint8Array.of(8, 1, 2));
    expect(System.extrinsicIndex(ctx)).toBe(1);
    System.noteAppliedExtrinsic(
      ctx,
      {
        ok: false,
        info: { actual_weight: weight(3n), pays_fee: "No" },
        error: { type: "BadOrigin" },
      },
      info,
    );
    System.noteFinishedExtrinsics(ctx);
    expect(System.storage.ExtrinsicCount.get(ctx)).toBe(2);
    System.incProviders(ctx, alice);
    const records = System.storage.Events.get(ctx);
    expect(records.map((r) => r.phase)).toEqual([
      { type: "ApplyExtrinsic", value: 0 },
      { type: "ApplyExtrinsic", value: 1 },
      { type: "Finalization" },
    ]);
    const base = limits.per_class.normal.base_extrinsic.ref_time;
    expect(records[1]!.event.value.value).toEqual({
      dispatch_error: { type: "BadOrigin" },
      dispatch_info: { weight: weight(base + 3n), class: "Normal", pays_fee: "No" },
    });
    expect(System.finalize(ctx).extrinsics).toEqual([Uint8Array.of(4, 1), Uint8Array.of(8, 1, 2)]);
    const left = [...ctx.storage.changes()].filter(([, value]) => value !== undefined).length;
    // Number, ParentHash, Digest, the parent's BlockHash, Events, EventCount, Alice, and Balances.TotalIssuance.
    expect(left).toBe(8);
  });

  test("gives back weight once, whoever asks", () => {
    const { ctx } = testChain();
    const info = { weight: weight(10n, 6n), class: "Normal", pays_fee: "Yes" } as const;
    System.registerExtraWeight(ctx, weight(100n, 50n), "Normal");
    const post = { actual_weight: weight(4n, 6n), pays_fee: "Yes" } as const;
    System.reclaimWeight(ctx, info, post);
    System.reclaimWeight(ctx, info, post);
    expect(System.storage.BlockWeight.get(ctx).normal).toEqual(weight(94n, 50n));
  });

  test("records topics by block and position, and no event outside of its execution", () => {
    const { ctx } = testChain();
    const topic = hashOf(5);
    System.incProviders(ctx, alice);
    System.events.NewAccount(ctx, { account: bob }, [topic]);
    expect(System.storage.EventTopics.get(ctx, topic)).toEqual([[1, 1]]);
    expect(System.storage.Events.get(ctx)[1]!.topics).toEqual([topic]);
    System.finalize(ctx);
    expect(System.storage.EventCount.get(ctx)).toBe(2);
    System.incProviders(ctx, bob);
    expect(System.storage.Events.get(ctx)).toHaveLength(2);
    System.initialize(ctx, 2, hashOf(1), []);
    expect(System.storage.EventTopics.exists(ctx, topic)).toBe(false);
  });
});

describe("calls", () => {
  test("remarks change nothing; with an event they tell their hash", () => {
    const chain = testChain();
    const remark = textBytes("hello");
    assertOk(chain, systemCall("remark", { remark }), noneOrigin);
    expect(happened(chain.ctx)).toEqual([]);
    assertOk(chain, systemCall("remark_with_event", { remark }), signedOrigin(alice));
    expect(happened(chain.ctx)).toEqual([["System.Remarked", { sender: alice, hash: blake2_256(remark) }]]);
    assertNoop(chain, systemCall("remark_with_event", { remark }), noneOrigin, "BadOrigin");
  });

  test("root sets and removes storage, nobody else does", () => {
    const chain = testChain();
    const items = ["a1", "a2", "b1"].map((key) => [textBytes(key), textBytes("v")] as const);
    assertNoop(chain, systemCall("set_storage", { items }), signedOrigin(alice), "BadOrigin");
    assertOk(chain, systemCall("set_storage", { items }), rootOrigin);
    expect(chain.ctx.storage.get(textBytes("a2"))).toEqual(textBytes("v"));
    assertOk(chain, systemCall("kill_prefix", { prefix: textBytes("a"), subkeys: 10 }), rootOrigin);
    expect(chain.ctx.storage.get(textBytes("a1"))).toBeUndefined();
    assertOk(chain, systemCall("kill_storage", { keys: [textBytes("b1")] }), rootOrigin);
    expect(chain.ctx.storage.get(textBytes("b1"))).toBeUndefined();
  });

  test("code is refused, since the runtime comes with the node", () => {
    const chain = testChain();
    const code = textBytes("\0asm");
    const refused = "System.FailedToExtractRuntimeVersion";
    assertNoop(chain, systemCall("set_code", { code }), signedOrigin(alice), "BadOrigin");
    assertNoop(chain, systemCall("set_code", { code }), rootOrigin, refused);
    assertNoop(chain, systemCall("set_code_without_checks", { code }), rootOrigin, refused);
  });

  test("root authorises a release by its hash; nobody applies it but the release itself", () => {
    const chain = testChain();
    const code = textBytes("a marker");
    const code_hash = blake2_256(code);
    const apply = systemCall("apply_authorized_upgrade", { code });
    assertNoop(chain, apply, signedOrigin(alice), "System.NothingAuthorized");
    for (const [name, check_version] of [
      ["authorize_upgrade", true],
      ["authorize_upgrade_without_checks", false],
    ] as const) {
      assertNoop(chain, systemCall(name, { code_hash }), signedOrigin(alice), "BadOrigin");
      assertOk(chain, systemCall(name, { code_hash }), rootOrigin);
      expect(happened(chain.ctx).at(-1)).toEqual(["System.UpgradeAuthorized", { code_hash, check_version }]);
      expect(System.storage.AuthorizedUpgrade.get(chain.ctx)).toEqual({ code_hash, check_version });
    }
    assertNoop(chain, apply, signedOrigin(alice), "System.FailedToExtractRuntimeVersion");
    const other = systemCall("apply_authorized_upgrade", { code: textBytes("another") });
    assertNoop(chain, other, signedOrigin(alice), "System.Unauthorized");
  });

  test("heap pages are stored, and no header takes that for a newer runtime", () => {
    const chain = testChain();
    assertOk(chain, systemCall("set_heap_pages", { pages: 8n }), rootOrigin);
    expect(chain.ctx.storage.get(textBytes(":heappages"))).toEqual(Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0));
    expect(System.finalize(chain.ctx).digest).toEqual([]);
  });
});
