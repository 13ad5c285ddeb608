import fc from "fast-check";
import { expect, test } from "vitest";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { signedOrigin } from "../../runtime/frame/origin.ts";
import { treasuryAccount } from "../../runtime/primitives/account.ts";
import { balanceOnHold, freeBalance, hold, totalIssuance } from "../balances/index.ts";
import { currentEpoch, storage as poh } from "../poh/index.ts";
import { alice, bob, charlie, bond as foreign, MAI, testChain } from "../testing/chain.ts";
import { bondOf, constants, penalise, setRequiredBond, slashBond, storage, trainerStaking } from "./index.ts";
import { beginFirstEpoch, nextEpoch } from "./testing/epochs.ts";
import { assertStakingInvariants } from "./testing/invariants.ts";
import { provenKeys } from "./testing/keys.ts";

const people = [alice, bob, charlie];
const secrets = ["//K1", "//K2", "//K3", "//K4"];
// Signing is slow, so all proofs are made once.
const proven = people.map((who) => secrets.map((secret) => provenKeys(secret, who)));
const unbondingEpochs = 3;
const minBond = 100n * MAI;
const evidence = new Uint8Array(32);
const subject = { type: "Machine", value: new Uint8Array(16) } as const;

const person = fc.nat({ max: people.length - 1 });
const amount = fc.oneof(
  fc.bigInt(0n, 3n),
  fc.bigInt(0n, 400n * MAI),
  fc.bigInt(90n, 210n).map((n) => n * MAI),
);
const withPerson = <T extends string, R extends object>(
  type: T,
  more: { [K in keyof R]: fc.Arbitrary<R[K]> },
) =>
  fc.record({ type: fc.constant(type), who: person, ...more }) as fc.Arbitrary<{ type: T; who: number } & R>;

const secret = fc.nat({ max: secrets.length - 1 });
const small = fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, 60n * MAI));
const plain = (name: string) => withPerson<"plain", { call: string }>("plain", { call: fc.constant(name) });
// What keeps trainers and their chunks alive comes more often than what ends them.
const operation = fc.oneof(
  {
    weight: 3,
    arbitrary: withPerson<"register", { value: bigint; secret: number }>("register", {
      value: amount,
      secret,
    }),
  },
  { weight: 1, arbitrary: withPerson<"set_keys", { secret: number }>("set_keys", { secret }) },
  { weight: 4, arbitrary: withPerson<"bond_extra", { value: bigint }>("bond_extra", { value: amount }) },
  { weight: 8, arbitrary: withPerson<"unbond", { value: bigint }>("unbond", { value: small }) },
  { weight: 3, arbitrary: plain("withdraw_unbonded") },
  { weight: 1, arbitrary: fc.oneof(plain("deregister"), plain("chill"), plain("resume")) },
  { weight: 1, arbitrary: withPerson<"require", { value: bigint }>("require", { value: small }) },
  {
    weight: 2,
    arbitrary: withPerson<"slash", { value: bigint; reporter: number }>("slash", {
      value: fc.oneof(small, amount),
      reporter: person,
    }),
  },
  {
    weight: 1,
    arbitrary: withPerson<"share", { permill: number }>("share", {
      permill: fc.oneof(fc.nat({ max: 100_000 }), fc.nat({ max: 1_000_000 })),
    }),
  },
  {
    weight: 1,
    arbitrary: withPerson<"penalise", { value: bigint; pay: bigint; burn: bigint }>("penalise", {
      value: small,
      pay: small,
      burn: small,
    }),
  },
  { weight: 1, arbitrary: withPerson<"offend", { reporter: number }>("offend", { reporter: person }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("epoch" as const), by: fc.nat({ max: 2 }) }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

/** What a clerk would write down: the bond on top, then what is unbonding, the newest first. */
interface Account {
  bond: bigint | undefined;
  chunks: { value: bigint; epoch: bigint }[];
}

class Ledger {
  readonly accounts: Account[] = people.map(() => ({ bond: undefined, chunks: [] }));
  burned = 0n;

  slash(who: number, wanted: bigint): bigint {
    const account = this.accounts[who]!;
    let left = wanted;
    const take = (from: bigint) => {
      const part = from < left ? from : left;
      left -= part;
      return from - part;
    };
    if (account.bond !== undefined) account.bond = take(account.bond);
    account.chunks = account.chunks.map((c) => ({ ...c, value: take(c.value) })).filter((c) => c.value > 0n);
    return wanted - left;
  }

  unbond(who: number, value: bigint, now: bigint): void {
    const { chunks } = this.accounts[who]!;
    const epoch = now + BigInt(unbondingEpochs);
    if (chunks[0]?.epoch === epoch) chunks[0].value += value;
    else chunks.unshift({ value, epoch });
  }

  stake(who: number): bigint {
    const { bond = 0n, chunks } = this.accounts[who]!;
    return chunks.reduce((sum, { value }) => sum + value, bond);
  }
}

const call = (type: string, value: object) => ({ type: "TrainerStaking", value: { type, value } });

/** Does one thing on the chain and in the ledger. */
function act(ctx: Ctx, ledger: Ledger, op: Operation): void {
  if (op.type === "epoch") {
    if (op.by > 0) nextEpoch(ctx, currentEpoch(ctx).index + BigInt(op.by));
    return;
  }
  const who = people[op.who]!;
  const account = ledger.accounts[op.who]!;
  const now = currentEpoch(ctx).index;
  const issued = totalIssuance(ctx);
  const dispatch = (name: string, args: object = {}) => ctx.dispatch(call(name, args), signedOrigin(who)).ok;
  const burnedHalf = (taken: bigint, reward: bigint) => {
    ledger.burned += taken - reward - (taken - reward) / 2n;
  };
  switch (op.type) {
    case "register":
    case "set_keys": {
      const { keys, proof } = proven[op.who]![op.secret]!;
      const args = { poh_key: keys.poh, gran_key: keys.gran, proof };
      if (op.type === "set_keys") dispatch("set_keys", args);
      else if (dispatch("register", { ...args, value: op.value })) account.bond = op.value;
      return;
    }
    case "bond_extra":
      if (dispatch("bond_extra", { value: op.value })) account.bond! += op.value;
      return;
    case "unbond":
      if (!dispatch("unbond", { value: op.value })) return;
      account.bond! -= op.value;
      expect(account.bond!).toBeGreaterThanOrEqual(minBond);
      ledger.unbond(op.who, op.value, now);
      return;
    case "plain": {
      const free = freeBalance(ctx, who);
      if (!dispatch(op.call)) return;
      if (op.call === "deregister") {
        if (account.bond! > 0n) ledger.unbond(op.who, account.bond!, now);
        account.bond = undefined;
      }
      if (op.call !== "withdraw_unbonded") return;
      const due = account.chunks.filter(({ epoch }) => epoch <= now);
      account.chunks = account.chunks.filter(({ epoch }) => epoch > now);
      expect(freeBalance(ctx, who) - free).toBe(due.reduce((sum, { value }) => sum + value, 0n));
      return;
    }
    case "require":
      if (account.bond !== undefined) setRequiredBond(ctx, who, op.value);
      return;
    case "slash": {
      const reporter = people[op.reporter]!;
      const taken = slashBond(ctx, {
        trainer: who,
        amount: op.value,
        reason: "CanaryFailed",
        subject,
        evidence,
        reporter,
      });
      expect(taken).toBe(ledger.slash(op.who, op.value));
      burnedHalf(taken, op.reporter === op.who ? 0n : taken / 10n);
      break;
    }
    case "share": {
      const wanted = (ledger.stake(op.who) * BigInt(op.permill)) / 1_000_000n;
      const taken = slashBond(ctx, { trainer: who, amount: op, reason: "CanaryFailed", subject, evidence });
      expect(taken).toBe(wanted);
      expect(ledger.slash(op.who, wanted)).toBe(wanted);
      burnedHalf(taken, 0n);
      break;
    }
    case "penalise": {
      const held = balanceOnHold(ctx, foreign, who);
      const { value, pay, burn } = op;
      const to = [[charlie, pay] as const];
      const taken = penalise(ctx, {
        trainer: who,
        from: foreign,
        amount: value,
        reason: "WrongVerdict",
        subject,
        evidence,
        to,
        burn,
      });
      expect(taken).toBe(value < held ? value : held);
      const left = taken > pay ? taken - pay : 0n;
      const rest = left > burn ? left - burn : 0n;
      ledger.burned += left - rest / 2n;
      break;
    }
    case "offend": {
      const offence = {
        offender: who,
        reporter: people[op.reporter],
        kind: "BlockEquivocation",
        evidence,
        slot: now,
      } as const;
      poh.Offences.set(ctx, [offence]);
      trainerStaking.onFinalize?.(ctx, 1);
      const wanted = ledger.stake(op.who) / 20n;
      expect(ledger.slash(op.who, wanted)).toBe(wanted);
      burnedHalf(wanted, op.reporter === op.who ? 0n : wanted / 10n);
      break;
    }
  }
  // Whatever was done to it, all that is gone was burned.
  expect(totalIssuance(ctx)).toBeLessThanOrEqual(issued);
}

test("whatever happens, every unit is where a plain ledger has it", () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60, size: "max" }), (operations) => {
      const { ctx } = testChain([...people, treasuryAccount].map((who) => [who, 1000n * MAI]));
      constants.UnbondingEpochs.set(ctx, unbondingEpochs);
      for (const who of people) hold(ctx, foreign, who, 150n * MAI);
      beginFirstEpoch(ctx);
      const ledger = new Ledger();
      for (const who of people.keys()) {
        act(ctx, ledger, { type: "register", who, value: 400n * MAI, secret: who });
      }
      for (const op of operations) {
        act(ctx, ledger, op);
        assertStakingInvariants(ctx);
        for (const [i, { bond, chunks }] of ledger.accounts.entries()) {
          expect(bondOf(ctx, people[i]!)).toBe(bond ?? 0n);
          expect(storage.Trainers.exists(ctx, people[i]!)).toBe(bond !== undefined);
          expect(storage.Unbonding.get(ctx, people[i]!)).toEqual(chunks.toReversed());
        }
        expect(totalIssuance(ctx)).toBe(4000n * MAI - ledger.burned);
      }
    }),
    { numRuns: 100 },
  );
});
