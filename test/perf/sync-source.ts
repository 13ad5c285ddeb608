/** A program that serves a chain for the benchmark of synchronisation, and makes blocks when its parent asks for one. */
import { openMember } from "../support/sync-member.ts";

const [folder, accounts] = process.argv.slice(2);
if (!folder || !process.send)
  throw new Error("this is started by sync.bench.ts, with the folder of a database and its accounts");
const member = await openMember(folder, { isAuthor: true, accounts: Number(accounts) });
member.core.chain.events.on("imported", ({ number }) => {
  process.send!({ number, at: performance.timeOrigin + performance.now() });
});
process.on("message", () => void member.seal());
process.on("disconnect", () => process.exit(0));
process.send({ address: member.network.listenAddresses()[0] });
