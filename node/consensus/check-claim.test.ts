import { describe, expect, test } from "vitest";
import {
  type Claim,
  claimItems,
  type Lottery,
  secondaryAuthor,
  thresholdOf,
} from "../../pallets/poh/index.ts";
import type { DigestItem } from "../../runtime/primitives/digest.ts";
import { type Header, hashHeader } from "../../runtime/primitives/header.ts";
import { emptyRoot } from "../../runtime/primitives/trie/node-writer.ts";
import { lotteryNumber, vrfInput } from "../../runtime/primitives/vrf.ts";
import { authorityOf, type Wallet, wallet } from "../../test/support/wallet.ts";
import { checkClaim } from "./check-claim.ts";
import { readClaim, type SealedClaim, sealItem, slotOf } from "./digest.ts";
import { type LocalClaim, localClaims } from "./local-claims.ts";

const slotMs = 2000;
const wallets = [wallet(1), wallet(2), wallet(3)] as const;
const lottery: Lottery = {
  epoch: 7n,
  randomness: new Uint8Array(32).fill(9),
  authorities: [authorityOf(wallets[0], 60n), authorityOf(wallets[1], 40n), authorityOf(wallets[2], 0n)],
};
const stranger = wallet(4);

const headerWith = (digest: readonly DigestItem[]): Header => ({
  parentHash: new Uint8Array(32),
  number: 1,
  stateRoot: emptyRoot,
  extrinsicsRoot: emptyRoot,
  digest,
});
const genesis = headerWith([]);

/** The first slot from 100 on in which one of these may make such a claim, and the claim. */
function find(kind: Claim["kind"], keys: readonly Wallet[] = wallets): LocalClaim {
  for (let slot = 100n; ; slot++) {
    const found = localClaims(lottery, slot, keys).find(({ claim }) => claim.kind === kind);
    if (found) return found;
  }
}

interface Change {
  readonly claim?: Partial<Claim>;
  readonly author?: Uint8Array;
  readonly key?: Pick<Wallet, "sign">;
  readonly between?: readonly DigestItem[];
}

/** The header that such a claim leads to, sealed as its author would, with something changed before. */
function sealed({ author, claim, key }: LocalClaim, change: Change = {}): Header {
  const items = claimItems(change.author ?? author, { ...claim, ...change.claim });
  const header = headerWith([...items, ...(change.between ?? [])]);
  const signature = (change.key ?? key).sign(hashHeader(header));
  return { ...header, digest: [...header.digest, sealItem(signature)] };
}

const at = (slot: bigint) => Number(slot) * slotMs + 1;
const check = (header: Header, parent: Header = genesis, now?: number): SealedClaim | string => {
  const checked = checkClaim(header, parent, { slotMs, now, lotteryOf: () => lottery });
  return "code" in checked ? `${checked.code}: ${checked.message}` : checked;
};
const refused = (header: Header, parent?: Header, now?: number) =>
  expect(check(header, parent, now), "it was not refused");

const primary = find("Primary");
const secondary = find("Secondary");

describe("a claim", () => {
  test("is written and read back, and begins with the item by which explorers find the author", () => {
    const { digest } = sealed(primary);
    expect(readClaim(digest)).toMatchObject({ author: primary.author, claim: primary.claim });
    expect(slotOf(digest)).toBe(primary.claim.slot);
    expect(slotOf(genesis.digest)).toBeUndefined();
    expect(digest[0]).toEqual({
      type: "PreRuntime",
      value: [new Uint8Array(Buffer.from("pow_")), primary.author],
    });
    const [, own] = digest[1]!.value as [Uint8Array, Uint8Array];
    expect(own).toHaveLength(8 + 1 + 4 + 32 + 64);
    expect(Buffer.from(own).readBigUInt64LE(0)).toBe(primary.claim.slot);
    expect(own[8]).toBe(0);
    expect(Buffer.from(own).readUInt32LE(9)).toBe(primary.claim.trainer_index);
  });

  test("needs each item in its place and form", () => {
    const [name, claim] = claimItems(primary.author, primary.claim) as [DigestItem, DigestItem];
    const seal = sealItem(new Uint8Array(64));
    const consensus: DigestItem = { type: "Consensus", value: [Buffer.from("POHR"), new Uint8Array(1)] };
    const changed = (change: (bytes: Uint8Array) => Uint8Array, engine = "POHR"): DigestItem => ({
      type: "PreRuntime",
      value: [Buffer.from(engine), change((claim.value as [Uint8Array, Uint8Array])[1])],
    });
    expect(readClaim([name, claim, consensus, seal])).toMatchObject({ claim: { slot: primary.claim.slot } });
    const broken: (readonly DigestItem[])[] = [
      [],
      [name, claim],
      [name, seal],
      [claim, name, seal],
      [name, claim, seal, consensus],
      [name, claim, seal, seal],
      [name, claim, name, seal],
      [name, claim, claim, seal],
      [name, changed((bytes) => bytes.slice(1)), seal],
      [name, changed((bytes) => Uint8Array.of(...bytes, 0)), seal],
      [name, changed((bytes) => bytes.with(8, 2)), seal],
      [name, changed((bytes) => bytes, "BABE"), seal],
      [name, claim, sealItem(new Uint8Array(63))],
    ];
    for (const digest of broken) expect(readClaim(digest)).toBeTypeOf("string");
  });
});

describe("a header", () => {
  test("of a winner or of a drawn trainer is right, whatever the runtime wrote between", () => {
    for (const claim of [primary, secondary]) {
      expect(check(sealed(claim))).toMatchObject({ author: claim.author });
      const between: DigestItem[] = [{ type: "RuntimeEnvironmentUpdated", value: undefined }];
      expect(check(sealed(claim, { between }))).toMatchObject({ author: claim.author });
    }
  });

  test("may be one slot ahead of the clock, not two", () => {
    const { slot } = primary.claim;
    const header = sealed(primary);
    expect(check(header, genesis, at(slot))).toBeTypeOf("object");
    expect(check(header, genesis, at(slot - 1n))).toBeTypeOf("object");
    refused(header, genesis, at(slot - 2n)).toBe(
      `FutureBlock: its slot ${slot} has not come yet, now is slot ${slot - 2n}`,
    );
    expect(check(header, genesis, undefined)).toBeTypeOf("object");
  });

  test("comes in a later slot than its parent", () => {
    const { slot } = primary.claim;
    const parentIn = (before: bigint) => sealed(primary, { claim: { slot: before } });
    for (const before of [slot, slot + 1n]) {
      refused(sealed(primary), parentIn(before)).toContain("does not come after its parent's slot");
    }
    expect(check(sealed(primary), parentIn(slot - 1n))).toBeTypeOf("object");
  });

  test("names a place of the list, and the trainer there", () => {
    refused(sealed(primary, { claim: { trainer_index: 3 } })).toContain("has 3 trainers, none in place 3");
    refused(sealed(primary, { claim: { trainer_index: 0xffffffff } })).toContain("none in place 4294967295");
    refused(sealed(primary, { author: stranger.account })).toContain("is not the trainer in place");
    const other = 1 - primary.claim.trainer_index;
    refused(sealed(primary, { claim: { trainer_index: other } })).toContain("is not the trainer in place");
  });

  test("is primary only with an output that wins with the weight of the frozen list", () => {
    const loser = secondary;
    const input = vrfInput({ ...lottery, slot: loser.claim.slot });
    const { weight } = lottery.authorities[loser.claim.trainer_index]!;
    // Where the drawn one won as well, another slot would be needed: the wallets are fixed, so it did not.
    expect(lotteryNumber(input, loser.claim.vrf_output)).toBeGreaterThanOrEqual(
      thresholdOf(weight, lottery.authorities),
    );
    refused(sealed(loser, { claim: { kind: "Primary" } })).toContain("wins nothing with a weight of");
    // An output of one's own choice may win, but is not the key's.
    const chosen = Array.from({ length: 100 }, (_, i) => new Uint8Array(32).fill(i)).find(
      (output) => lotteryNumber(input, output) < thresholdOf(weight, lottery.authorities),
    )!;
    refused(sealed(loser, { claim: { kind: "Primary", vrf_output: chosen } })).toContain("not that of");
  });

  test("whose author has no weight is refused, however it claims its slot", () => {
    const [, , idle] = wallets;
    const { slot } = primary.claim;
    const vrf = idle.vrfSign(vrfInput({ ...lottery, slot }));
    const base = { slot, trainer_index: 2, vrf_output: vrf.slice(0, 32), vrf_proof: vrf.slice(32) };
    const claimed = (kind: Claim["kind"]) =>
      sealed({ key: idle, author: idle.account, claim: { ...base, kind } });
    refused(claimed("Primary")).toContain("wins nothing with a weight of 0");
    refused(claimed("Secondary")).toContain("is in place");
  });

  test("is secondary only of whom was drawn", () => {
    const { slot } = secondary.claim;
    const drawn = secondaryAuthor(lottery, slot)!;
    expect(secondary.claim.trainer_index).toBe(drawn);
    const other = wallets[1 - drawn]!;
    const vrf = other.vrfSign(vrfInput({ ...lottery, slot }));
    const claim = {
      ...secondary.claim,
      trainer_index: 1 - drawn,
      vrf_output: vrf.slice(0, 32),
      vrf_proof: vrf.slice(32),
    };
    refused(sealed({ key: other, author: other.account, claim })).toContain(
      `the secondary author of slot ${slot} is in place ${drawn}, not ${1 - drawn}`,
    );
  });

  test("proves its output, for this slot, this epoch and this randomness, in either kind", () => {
    for (const claim of [primary, secondary]) {
      const forged = claim.claim.vrf_proof.with(40, claim.claim.vrf_proof[40]! ^ 1);
      refused(sealed(claim, { claim: { vrf_proof: forged } })).toContain("is not that of its author's key");
    }
    const { slot, trainer_index: place } = secondary.claim;
    const key = wallets[place]!;
    const elsewhere = [
      { ...lottery, slot: slot + 1n },
      { ...lottery, slot, epoch: 8n },
      { ...lottery, slot, randomness: new Uint8Array(32) },
    ];
    for (const seed of elsewhere) {
      const vrf = key.vrfSign(vrfInput(seed));
      const claim = { vrf_output: vrf.slice(0, 32), vrf_proof: vrf.slice(32) };
      refused(sealed(secondary, { claim })).toContain("is not that of its author's key");
    }
  });

  test("that was changed after it was sealed is refused, whatever was changed", () => {
    const good = sealed(primary);
    const other = new Uint8Array(32).fill(1);
    const changes: Partial<Header>[] = [
      { parentHash: other },
      { number: 2 },
      { stateRoot: other },
      { extrinsicsRoot: other },
      { digest: [...good.digest.slice(0, 2), { type: "Other", value: other }, good.digest.at(-1)!] },
    ];
    for (const change of changes) {
      refused({ ...good, ...change }).toBe("BadConsensus: its seal is not its author's signature");
    }
  });

  test("sealed with another key than the list's is refused", () => {
    refused(sealed(primary, { key: stranger })).toContain("its seal is not");
  });
});

test("of a node's claims in a slot the lowest winning output comes first, the secondary one last", () => {
  const outputs = (claims: readonly LocalClaim[]) =>
    claims.map(({ claim }) => Buffer.from(claim.vrf_output).toString("hex"));
  let several = 0;
  // Two win in one slot of sixty.
  for (let slot = 0n; several < 2 && slot < 2000n; slot++) {
    const claims = localClaims(lottery, slot, wallets);
    const primaries = claims.filter(({ claim }) => claim.kind === "Primary");
    expect(claims.slice(0, primaries.length)).toEqual(primaries);
    expect(outputs(primaries)).toEqual(outputs(primaries).toSorted());
    expect(claims.length - primaries.length).toBe(1);
    if (primaries.length > 1) several++;
    for (const claim of primaries) expect(check(sealed(claim)), `slot ${slot}`).toBeTypeOf("object");
  }
  expect(several).toBe(2);
  expect(localClaims(lottery, 1n, [stranger])).toEqual([]);
});
