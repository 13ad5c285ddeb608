/** `system_*`: the node itself, its peers, and two questions about accounts and extrinsics. */
import { toHex } from "../../runtime/primitives/bytes.ts";
import { keyText } from "../../runtime/primitives/key-text.ts";
import { account } from "./account.ts";
import { RpcError } from "./server/error.ts";
import { call, type Methods, unsafeCall } from "./server/method.ts";
import { hex, optional, text } from "./server/params.ts";
import type { Services } from "./services.ts";
import { callOn, stateAt } from "./states.ts";
import { hash } from "./wire.ts";

type Parts = Pick<Services, "chain" | "pool" | "runtime" | "spec" | "node" | "network">;

export function systemMethods({ chain, pool, runtime, spec, node, network }: Parts): Methods {
  const accountNextIndex = call({ account }, ({ account }) => {
    const nonce = callOn(runtime, stateAt(chain), "AccountNonceApi_account_nonce", account);
    return nextIndex(pool, account, new DataView(nonce.buffer, nonce.byteOffset).getUint32(0, true));
  });
  const dryRun = unsafeCall({ extrinsic: hex, at: optional(hash) }, ({ extrinsic, at }) => {
    try {
      return toHex(callOn(runtime, stateAt(chain, at), "BlockBuilder_apply_extrinsic", extrinsic));
    } catch (error) {
      if (error instanceof RpcError) throw error;
      throw new RpcError(1, "Unable to dry run extrinsic.", (error as Error).message);
    }
  });

  return {
    system_name: call({}, () => node.implementation),
    system_version: call({}, () => node.version),
    system_chain: call({}, () => spec.name),
    system_chainType: call({}, () => spec.chainType),
    system_properties: call({}, () => spec.properties),
    system_health: call({}, () => network.health()),
    system_nodeRoles: call({}, () => [node.role]),
    system_localPeerId: call({}, () => network.peerId),
    system_localListenAddresses: call({}, () => network.listenAddresses()),
    system_syncState: call({}, () => {
      const { starting, highest } = network.sync();
      const { number } = chain.best;
      return { startingBlock: starting, currentBlock: number, highestBlock: Math.max(highest, number) };
    }),

    system_peers: unsafeCall({}, () => network.peers()),
    system_unstable_networkState: unsafeCall({}, () => ({
      peerId: network.peerId,
      listenedAddresses: network.listenAddresses(),
      connectedPeers: Object.fromEntries(network.peers().map((peer) => [peer.peerId, peer])),
    })),
    system_reservedPeers: call({}, () => network.reservedPeers()),
    system_addReservedPeer: unsafeCall({ peer: text }, ({ peer }) =>
      network.addReservedPeer(peer).catch(refusePeer),
    ),
    system_removeReservedPeer: unsafeCall({ peerId: text }, ({ peerId }) =>
      network.removeReservedPeer(peerId).catch(refusePeer),
    ),

    system_addLogFilter: unsafeCall({ directives: text }, ({ directives }) => {
      try {
        node.addLogFilter(directives);
      } catch (error) {
        throw new RpcError(-32603, (error as Error).message);
      }
    }),
    system_resetLogFilter: unsafeCall({}, () => node.resetLogFilter()),

    system_accountNextIndex: accountNextIndex,
    account_nextIndex: accountNextIndex,
    system_dryRun: dryRun,
    system_dryRunAt: dryRun,
  };
}

function refusePeer(error: Error): never {
  throw new RpcError(2002, error.message);
}

/** The first nonce from `nonce` on that no ready transaction uses. */
function nextIndex(pool: Services["pool"], account: Uint8Array, nonce: number): number {
  const tag = new Uint8Array(account.length + 4);
  tag.set(account);
  const tagOf = (next: number) => {
    new DataView(tag.buffer).setUint32(account.length, next, true);
    return keyText(tag);
  };
  let next = nonce;
  while (pool.provides(tagOf(next))) next++;
  return next;
}
