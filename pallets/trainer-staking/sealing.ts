/** The key to which others seal what a trainer alone may read. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { errors, events, storage } from "./schema.ts";
import { registered } from "./trainer.ts";

/** Sets or replaces the sealing key of a trainer. Throws `NotRegistered` and `UnusableKey`. */
export function setSealingKey(ctx: Ctx, who: AccountId, key: Uint8Array): void {
  registered(ctx, who);
  // Nothing could be sealed to such a key, and a buyer would answer for what its trainer prevents.
  ensure(!hasSmallOrder(key), errors.UnusableKey);
  storage.SealingKeys.set(ctx, who, key);
  events.SealingKeySet(ctx, { trainer: who, key }, [who]);
}

/** The X25519 key of a trainer, 32 bytes; undefined of one that has set none. */
export const sealingKeyOf = (ctx: ReadCtx, who: AccountId): Uint8Array | undefined =>
  storage.SealingKeys.get(ctx, who);

const p = 2n ** 255n - 19n;
/** (A + 2) / 4 of Curve25519, y^2 = x^3 + A x^2 + x with A = 486662 (RFC 7748, section 5). */
const a24 = 121_666n;

/** Whether eight times the point is none: the order of such points divides eight, on the curve and on its twist. */
function hasSmallOrder(key: Uint8Array): boolean {
  let x = key.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) & (2n ** 255n - 1n);
  let z = 1n;
  for (let doubled = 0; doubled < 3; doubled++) {
    const [sum, difference] = [(x + z) ** 2n % p, (x - z) ** 2n % p];
    const both = sum - difference;
    x = (sum * difference) % p;
    z = (both * (difference + a24 * both)) % p;
  }
  return z === 0n;
}
