import { afterEach, expect, test } from "vitest";
import { Hosts, statusAt, until } from "./testing/hosts.ts";

const hosts = new Hosts();
afterEach(() => hosts.stop());

test("two hosts tell each other who and where they are", async () => {
  const [a, b] = await hosts.connected(2);
  expect(a!.peers()).toMatchObject([{ id: b!.peerId, direction: "out", best: { number: 2 }, reputation: 0 }]);
  expect(b!.peers()).toMatchObject([{ id: a!.peerId, direction: "in", best: { number: 1 }, role: "full" }]);
});

test("a changed status reaches the peers", async () => {
  const [a, b] = await hosts.connected(2);
  const heard = until(b!, "status", () => b!.peer(a!.peerId)?.best.number === 9);
  a!.setStatus(statusAt(8));
  a!.setStatus(statusAt(9));
  await heard;
});
