import fc from "fast-check";
import sodium from "sodium-native";
import { expect, test } from "vitest";
import { seal, sealedSize, sealKeys, unseal } from "./sealed.ts";

const keys = sealKeys(new Uint8Array(32).fill(7));
async function* parts(bytes: Uint8Array, size = 10_000) {
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}
const collect = async (stream: AsyncIterable<Uint8Array>) => {
  const all: Uint8Array[] = [];
  for await (const part of stream) all.push(part);
  return Buffer.concat(all);
};
const sealed = (plain: Uint8Array) => collect(seal(parts(plain), keys.publicKey));
const opened = (bytes: Uint8Array, k = keys) => collect(unseal(parts(bytes, 7777), k));
const message = (length: number) => Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 7) & 255));

test.each([0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])(
  "%i bytes come back, in the announced size",
  async (n) => {
    const cipher = await sealed(message(n));
    expect(cipher.length).toBe(sealedSize(n));
    expect((await opened(cipher)).equals(message(n))).toBe(true);
  },
);

test("the recipient can open it by libsodium's own functions, from the description alone", async () => {
  const cipher = await sealed(message(100));
  const [rx, tx, plain] = [Buffer.alloc(32), Buffer.alloc(32), Buffer.alloc(100)];
  const [pk, sk] = [Buffer.from(keys.publicKey), Buffer.from(keys.secretKey)];
  sodium.crypto_kx_server_session_keys(rx, tx, pk, sk, cipher.subarray(5, 37));
  const state = Buffer.alloc(sodium.crypto_secretstream_xchacha20poly1305_STATEBYTES);
  sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, cipher.subarray(37, 61), rx);
  const tag = Buffer.alloc(1);
  sodium.crypto_secretstream_xchacha20poly1305_pull(
    state,
    plain,
    tag,
    cipher.subarray(61),
    cipher.subarray(0, 37),
  );
  expect(plain.equals(message(100))).toBe(true);
});

test("every changed byte, cut, swap, repetition and addition is found", async () => {
  const plain = message(200_000);
  const cipher = await sealed(plain);
  const chunk = 65_536 + 17;
  const at = (i: number) => cipher.subarray(61 + i * chunk, 61 + (i + 1) * chunk);
  const head = cipher.subarray(0, 61);
  const forged = [
    Buffer.concat([head, at(1), at(0), at(2), at(3)]),
    Buffer.concat([head, at(0), at(0), at(1), at(2), at(3)]),
    Buffer.concat([head, at(0), at(1), at(2)]),
    Buffer.concat([head, at(0), at(3)]),
    Buffer.concat([cipher, Buffer.from("x")]),
    Buffer.concat([head, at(0), at(1), at(2), at(3), at(3)]),
    head,
    cipher.subarray(0, 40),
    Buffer.alloc(0),
  ];
  for (const bytes of forged) await expect(opened(bytes)).rejects.toMatchObject({ code: "BadSeal" });
  await fc.assert(
    fc.asyncProperty(fc.nat(cipher.length - 1), fc.integer({ min: 1, max: 255 }), async (i, flip) => {
      const bytes = Buffer.from(cipher);
      bytes[i] = (bytes[i] as number) ^ flip;
      await expect(opened(bytes)).rejects.toMatchObject({ code: "BadSeal" });
    }),
    {
      numRuns: 40,
      examples: [
        [0, 1],
        [5, 1],
        [36, 128],
        [37, 1],
        [61, 1],
      ],
    },
  );
  for (const length of [cipher.length - 1, 61 + chunk, 61 + 2 * chunk + 1])
    await expect(opened(cipher.subarray(0, length))).rejects.toMatchObject({ code: "BadSeal" });
});

test("another key opens nothing, and two seals of one message differ", async () => {
  const cipher = await sealed(message(10));
  await expect(opened(cipher, sealKeys())).rejects.toMatchObject({ code: "BadSeal" });
  expect((await sealed(message(10))).equals(cipher)).toBe(false);
  await expect(collect(seal(parts(message(1)), new Uint8Array(31)))).rejects.toMatchObject({
    code: "BadSeal",
  });
  await expect(collect(seal(parts(message(1)), new Uint8Array(32)))).rejects.toMatchObject({
    code: "BadSeal",
  });
});
