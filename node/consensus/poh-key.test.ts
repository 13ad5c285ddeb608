import { expect, test } from "vitest";
import { verifyVrf, vrfContext, vrfOutputLength } from "../../runtime/primitives/vrf.ts";
import { keyPair } from "../keystore/secret.ts";
import { pohKey } from "./poh-key.ts";

const message = new Uint8Array(48).fill(7);

test.each(["//Alice", "//Bob//hard/soft", `0x${"09".repeat(32)}`])(
  "the key of %s signs and draws as its pair does",
  (secret) => {
    const pair = keyPair(secret, "sr25519");
    const key = pohKey(pair);
    expect(key.publicKey).toEqual(pair.publicKey);
    expect(pair.verify(message, key.sign(message), pair.publicKey)).toBe(true);
    const drawn = key.vrfSign(message);
    const [output, proof] = [drawn.subarray(0, vrfOutputLength), drawn.subarray(vrfOutputLength)];
    expect(output).toEqual(pair.vrfSign(message, vrfContext).subarray(0, vrfOutputLength));
    expect(verifyVrf(pair.publicKey, message, { output, proof })).toBe(true);
    expect(
      verifyVrf(
        pair.publicKey,
        message.map((byte) => byte ^ 1),
        { output, proof },
      ),
    ).toBe(false);
  },
);

test("a pair whose secret is locked gives no key", () => {
  const pair = keyPair("//Alice", "sr25519");
  pair.lock();
  expect(() => pohKey(pair)).toThrow();
});
