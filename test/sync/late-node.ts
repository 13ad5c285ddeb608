/**
 * A program that begins with a state of its peer, to be killed at any moment. Arguments: folder, accounts of the
 * genesis, address of the peer.
 */
import { openMember } from "../support/sync-member.ts";

const [folder, accounts, address] = process.argv.slice(2);
if (!folder || !address || !process.send) throw new Error("this is started by kill.test.ts");
const member = await openMember(folder, { mode: "fast", accounts: Number(accounts) });
const { chain } = member.core;
const tell = () => {
  const { entries, gap } = member.sync.state();
  process.send!({ entries: entries ?? 0, best: chain.best, gap: gap ? gap.to - gap.from + 1 : 0 });
};
chain.events.on("imported", tell);
setInterval(tell, 5);
await member.network.dial(address);
