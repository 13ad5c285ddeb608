import { Keyring } from "@polkadot/keyring";
import fc from "fast-check";
import { expect, test } from "vitest";
import { storage as balances } from "../pallets/balances/index.ts";
import { storage as sudo } from "../pallets/sudo/index.ts";
import { constants, storage as system } from "../pallets/system/index.ts";
import { codeMarkerHash, upgrade, upgradeRequest } from "./code-marker.ts";
import { applyExtrinsic, executeBlock, finalizeBlock, validateTransaction } from "./executive.ts";
import { type RuntimeCall, runtime } from "./index.ts";
import { textBytes } from "./primitives/bytes.ts";
import { encode } from "./primitives/codec.ts";
import { CodecError } from "./primitives/codec-error.ts";
import { mortal } from "./primitives/era.ts";
import { encodeBare } from "./primitives/extrinsic.ts";
import { alice, bob, charlie, TestChain, transfer, unit } from "./testing/test-chain.ts";

/** What the block's extrinsics did. */
const eventNames = (chain: TestChain) =>
  system.Events.get({ storage: chain.view() }).flatMap(({ phase, event }) =>
    phase.type === "ApplyExtrinsic" ? [`${phase.value} ${event.type}.${event.value.type}`] : [],
  );
const free = (chain: TestChain, who: Uint8Array) =>
  system.Account.get({ storage: chain.view() }, who).data.free;

test("a block that was built is executed to the same header", () => {
  const chain = new TestChain();
  const twin = new TestChain();
  for (let nonce = 0; nonce < 3; nonce++) {
    const { block, results } = chain.build([chain.sign(alice, transfer(bob, unit), { nonce })]);
    expect(results).toEqual([{ type: "Ok", value: { type: "Ok", value: undefined } }]);
    const storage = twin.view();
    executeBlock(storage, {
      ...block,
      header: {
        ...block.header,
        digest: [...block.header.digest, { type: "Seal", value: [textBytes("POHR"), new Uint8Array(64)] }],
      },
    });
    twin.backend.apply(storage.changes());
    twin.head = block.header;
  }
  expect(chain.head.number).toBe(3);
  expect(free(twin, bob.publicKey)).toBe(1_000_003n * unit);
});

test("a paid transfer tells its story in Substrate's order, and pays its author", () => {
  const chain = new TestChain();
  const dave = new Keyring({ type: "sr25519" }).addFromUri("//Dave");
  chain.build([]);
  const before = free(chain, charlie.publicKey);
  chain.build([chain.sign(alice, transfer(dave, unit), { tip: 7n * unit })]);
  expect(eventNames(chain)).toEqual([
    "0 System.ExtrinsicSuccess",
    "1 Balances.Withdraw",
    "1 System.NewAccount",
    "1 Balances.Endowed",
    "1 Balances.Transfer",
    "1 Balances.Deposit",
    "1 TransactionPayment.TransactionFeePaid",
    "1 System.ExtrinsicSuccess",
  ]);
  expect(free(chain, dave.publicKey)).toBe(unit);
  expect(free(chain, charlie.publicKey)).toBeGreaterThan(before + 7n * unit);
  const ctx = { storage: chain.view() };
  let held = 0n;
  for (const [, { data }] of system.Account.iterate(ctx)) held += data.free + data.reserved;
  expect(held).toBe(balances.TotalIssuance.get(ctx));
});

test("a call that fails costs its fee and nothing else", () => {
  const chain = new TestChain();
  const { results } = chain.build([chain.sign(alice, transfer(bob, 2_000_000n * unit))]);
  expect(results).toMatchObject([{ type: "Ok", value: { type: "Err", value: { type: "Token" } } }]);
  expect(free(chain, bob.publicKey)).toBe(1_000_000n * unit);
  expect(free(chain, alice.publicKey)).toBeLessThan(1_000_000n * unit);
  expect(eventNames(chain).at(-1)).toBe("1 System.ExtrinsicFailed");
  expect(system.Account.get({ storage: chain.view() }, alice.publicKey).nonce).toBe(1);
});

test.each(["sr25519", "ed25519", "ecdsa"] as const)("%s signs transactions", (scheme) => {
  const chain = new TestChain();
  const pair = new Keyring({ type: scheme }).addFromUri("//Other");
  chain.build([chain.sign(alice, transfer(pair, 10n * unit))]);
  const { results } = chain.build([chain.sign(pair, transfer(bob, unit))]);
  expect(results).toMatchObject([{ type: "Ok", value: { type: "Ok" } }]);
});

const invalid = (type: string) => ({ type: "Err", value: { type: "Invalid", value: { type } } });

test("what may not be in a block leaves no trace", () => {
  const chain = new TestChain();
  chain.build([chain.sign(alice, transfer(bob, unit))]);
  const old = mortal(64, 0);
  const cases: [Uint8Array, unknown][] = [
    [chain.sign(alice, transfer(bob, unit), { nonce: 0 }), invalid("Stale")],
    [chain.sign(alice, transfer(bob, unit), { nonce: 2 }), invalid("Future")],
    [chain.sign(alice, transfer(bob, unit), { nonce: 1 }), { type: "Ok" }],
    [
      chain.sign(new Keyring({ type: "sr25519" }).addFromUri("//Nobody"), transfer(bob, unit)),
      invalid("Payment"),
    ],
    [chain.sign(bob, transfer(alice, unit), { tip: 2_000_000n * unit }), invalid("Payment")],
    [tampered(chain.sign(bob, transfer(alice, unit))), invalid("BadProof")],
    [chain.sign(bob, transfer(alice, unit), { era: old }), { type: "Ok" }],
    [
      encodeBare(encode(runtime.call, transfer(bob, unit))),
      { type: "Err", value: { type: "Unknown", value: { type: "NoUnsignedValidator" } } },
    ],
  ];
  for (const [extrinsic, expected] of cases) {
    const twin = new TestChain();
    twin.build([twin.sign(alice, transfer(bob, unit))]);
    expect(twin.build([extrinsic]).results).toMatchObject([expected]);
  }
});

const tampered = (extrinsic: Uint8Array): Uint8Array => {
  const copy = extrinsic.slice();
  copy[copy.length - 1]! ^= 1;
  return copy;
};

test("an era ends, and its transactions with it", () => {
  const chain = new TestChain();
  const early = chain.sign(alice, transfer(bob, unit), { era: mortal(4, 0) });
  for (let i = 0; i < 4; i++) chain.build([]);
  expect(chain.build([early]).results).toEqual([invalid("BadProof")]);
});

test("the pool is told what it needs", () => {
  const chain = new TestChain();
  const validate = (extrinsic: Uint8Array) =>
    validateTransaction(chain.view(), "External", extrinsic, chain.hash);
  const first = validate(chain.sign(alice, transfer(bob, unit)));
  const tag = (who: Uint8Array, nonce: number) => Uint8Array.of(...who, nonce, 0, 0, 0);
  expect(first).toMatchObject({
    type: "Ok",
    value: {
      provides: [tag(alice.publicKey, 0)],
      requires: [],
      longevity: 2n ** 64n - 1n,
      propagate: true,
    },
  });
  expect(validate(chain.sign(alice, transfer(bob, unit), { nonce: 5 }))).toMatchObject({
    value: { provides: [tag(alice.publicKey, 5)], requires: [tag(alice.publicKey, 4)] },
  });
  const tipped = validate(chain.sign(alice, transfer(bob, unit), { tip: 1n }));
  if (first.type !== "Ok" || tipped.type !== "Ok") throw new Error("both are valid");
  expect(tipped.value.priority).toBe(first.value.priority * 2n);
  const { block } = new TestChain().build([]);
  expect(validate(block.extrinsics[0]!)).toEqual(invalid("MandatoryValidation"));
  expect(validate(chain.sign(alice, transfer(bob, unit), { era: mortal(64, 0) }))).toMatchObject({
    value: { longevity: 63n },
  });
});

test("a block that lies about itself is refused, and says where", () => {
  const chain = new TestChain();
  const second = new TestChain();
  const { block } = chain.build([chain.sign(alice, transfer(bob, unit))]);
  const { header, extrinsics } = block;
  const other = new Uint8Array(32).fill(9);
  const cases: [typeof block, string][] = [
    [{ header: { ...header, stateRoot: other }, extrinsics }, "StateRootMismatch"],
    [{ header: { ...header, extrinsicsRoot: other }, extrinsics }, "ExtrinsicsRootMismatch"],
    [{ header: { ...header, number: 2 }, extrinsics }, "WrongNumber"],
    [{ header, extrinsics: extrinsics.toReversed() }, "InherentNotFirst"],
    [{ header, extrinsics: extrinsics.slice(1) }, "MissingInherent"],
    [{ header, extrinsics: [extrinsics[0]!, extrinsics[0]!] }, "InvalidExtrinsic"],
    [{ header, extrinsics: [extrinsics[0]!, tampered(extrinsics[1]!)] }, "InvalidExtrinsic"],
    [{ header, extrinsics: [extrinsics[0]!, Uint8Array.of(8, 0x84, 7)] }, "UndecodableExtrinsic"],
    [
      { header: { ...header, digest: [...header.digest, { type: "Other", value: other }] }, extrinsics },
      "DigestMismatch",
    ],
  ];
  for (const [wrong, code] of cases) {
    expect(() => executeBlock(second.view(), wrong), code).toThrow(
      expect.objectContaining({ name: "BlockError", code }),
    );
  }
  executeBlock(second.view(), block);
});

test("whatever bytes arrive, they are judged and nothing else happens", () => {
  const chain = new TestChain();
  const signed = chain.sign(alice, transfer(bob, unit));
  const trust = () => true;
  const changes = fc.array(fc.tuple(fc.nat(signed.length - 1), fc.nat(255)), { maxLength: 4 });
  const mutants = changes.map((list) => {
    const copy = signed.slice();
    for (const [at, byte] of list) copy[at] = byte;
    return copy;
  });
  fc.assert(
    fc.property(fc.oneof(mutants, fc.uint8Array({ maxLength: 300 })), (extrinsic) => {
      const storage = chain.view();
      const before = storage.changes().size;
      for (const judge of [
        () => validateTransaction(storage, "External", extrinsic, chain.hash, trust),
        () => applyExtrinsic(chain.begin().storage, extrinsic, trust),
      ]) {
        try {
          expect(["Ok", "Err"]).toContain(judge().type);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }
      expect(storage.changes().size).toBe(before);
    }),
    { numRuns: 300 },
  );
});

test("batches inside batches end somewhere", () => {
  const chain = new TestChain();
  const nested = (depth: number): RuntimeCall => {
    let call: RuntimeCall = transfer(bob, unit);
    for (let i = 0; i < depth; i++) {
      call = { type: "Utility", value: { type: "batch", value: { calls: [call] } } };
    }
    return call;
  };
  // Each level is a list and a call: 127 of them stay within Substrate's depth of 256.
  expect(chain.build([chain.sign(alice, nested(127))]).results).toMatchObject([
    { type: "Ok", value: { type: "Ok" } },
  ]);
  expect(() => chain.build([chain.sign(alice, nested(128), { nonce: 1 })])).toThrow("nested deeper");
});

test("a general extrinsic of format 5 is understood and refused", () => {
  const chain = new TestChain();
  const call = encode(runtime.call, transfer(bob, unit));
  const body = Uint8Array.of(0x45, 0, 0, 0, 0, ...call);
  const general = Uint8Array.of(body.length << 2, ...body);
  expect(chain.build([general]).results).toEqual([invalid("UnknownOrigin")]);
});

test("a block holds so many bytes of transactions, and not one more", () => {
  const chain = new TestChain();
  const remark = (nonce: number): Uint8Array =>
    chain.sign(
      alice,
      { type: "System", value: { type: "remark", value: { remark: new Uint8Array(2 ** 20) } } },
      { nonce },
    );
  const results = chain.build([0, 1, 2, 3].map(remark), () => true).results;
  expect(results.map((r) => r.type)).toEqual(["Ok", "Ok", "Ok", "Err"]);
  expect(results[3]).toEqual(invalid("ExhaustsResources"));
});

test("a block holds so much weight of transactions, and an extrinsic less than that", () => {
  const chain = new TestChain();
  const { max_total, max_extrinsic } = constants.BlockWeights.per_class.normal;
  const heavy = (ref_time: bigint, nonce: number): Uint8Array => {
    const call = { type: "System", value: { type: "remark", value: { remark: new Uint8Array(0) } } } as const;
    const weight = { ref_time, proof_size: 0n };
    const value = { type: "sudo_unchecked_weight", value: { call, weight } } as const;
    return chain.sign(alice, { type: "Sudo", value }, { nonce });
  };
  const half = max_total!.ref_time / 2n;
  const results = chain.build([
    heavy(half, 0),
    heavy(half, 1),
    heavy(max_extrinsic!.ref_time + 1n, 1),
  ]).results;
  expect(results.map((r) => r.type)).toEqual(["Ok", "Err", "Err"]);
  expect(results.slice(1)).toEqual([invalid("ExhaustsResources"), invalid("ExhaustsResources")]);
  const used = system.BlockWeight.get({ storage: chain.view() });
  expect(used.normal.ref_time).toBe(half + constants.BlockWeights.per_class.normal.base_extrinsic.ref_time);
});

test("an author asks for an upgrade in the header, and everybody sees in which block it was", () => {
  const chain = new TestChain();
  const outdated = chain.view();
  system.LastRuntimeUpgrade.set({ storage: outdated }, { spec_name: "matrixai", spec_version: 1 });
  chain.backend.apply(outdated.changes());
  const { storage, inherents } = chain.begin(upgradeRequest({ storage: chain.view() }));
  applyExtrinsic(storage, inherents[0]!);
  const header = finalizeBlock(storage);
  expect(header.digest.filter(({ type }) => type === "RuntimeEnvironmentUpdated")).toHaveLength(1);
  expect(upgradeRequest({ storage })).toEqual([]);
  executeBlock(chain.view(), { header, extrinsics: inherents });

  // Without a sudo key it takes a vote that has named this very release, once.
  sudo.Key.delete({ storage: outdated });
  expect(upgradeRequest({ storage: outdated })).toEqual([]);
  const authorized = { code_hash: new Uint8Array(32), check_version: true };
  system.AuthorizedUpgrade.set({ storage: outdated }, authorized);
  expect(upgradeRequest({ storage: outdated })).toEqual([]);
  system.AuthorizedUpgrade.set({ storage: outdated }, { ...authorized, code_hash: codeMarkerHash });
  expect(upgradeRequest({ storage: outdated })).toHaveLength(1);
  upgrade(runtime.context(outdated));
  expect(system.AuthorizedUpgrade.exists({ storage: outdated })).toBe(false);
  expect(upgradeRequest({ storage: outdated })).toEqual([]);

  const current = new TestChain();
  const asked = current.begin([{ type: "RuntimeEnvironmentUpdated" }]);
  applyExtrinsic(asked.storage, asked.inherents[0]!);
  const types = finalizeBlock(asked.storage).digest.map(({ type }) => type);
  expect(types).not.toContain("RuntimeEnvironmentUpdated");
});
