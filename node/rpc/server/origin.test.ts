import { expect, test } from "vitest";
import { isLoopback, refusal, standardOrigins } from "./origin.ts";

const local = { cors: standardOrigins, loopback: true };

test("programs and pages of this machine pass, other pages do not", () => {
  const host = "127.0.0.1:9944";
  for (const origin of [undefined, "http://localhost:3000", "http://localhost", "https://polkadot.js.org"])
    expect(refusal(local, { origin, host })).toBeUndefined();
  for (const origin of [
    "https://evil.example",
    "http://localhost.evil.example",
    "http://localhost:80.evil",
    "null",
  ])
    expect(refusal(local, { origin, host })).toContain("not allowed");
});

test("a foreign name that points at this machine is refused", () => {
  for (const host of ["localhost:9944", "localhost", "127.0.0.1", "[::1]:9944"])
    expect(refusal(local, { host })).toBeUndefined();
  for (const host of ["evil.example:9944", "127.0.0.1.evil.example", "", undefined])
    expect(refusal(local, { host })).toContain("Host");
  expect(refusal({ ...local, loopback: false }, { host: "node.example" })).toBeUndefined();
  expect(refusal({ cors: "all", loopback: true }, { host: "evil.example", origin: "x" })).toBeUndefined();
});

test("loopback is an address of this machine only", () => {
  for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) expect(isLoopback(host)).toBe(true);
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "127.evil"]) expect(isLoopback(host)).toBe(false);
});
