import { CodecError } from "../../runtime/primitives/codec-error.ts";
import { encodeHeader, type Header, hashHeader } from "../../runtime/primitives/header.ts";
import { bytesToHash } from "../chain/hash.ts";
import type { ImportedEvent } from "../chain/types.ts";
import { slotOf } from "../consensus/digest.ts";
import type { PeerId, Verdict } from "../network/types.ts";
import type { ClockWatch } from "./clock-watch.ts";
import type { HeadFetcher } from "./head-fetcher.ts";
import { decodeAnnouncement } from "./messages.ts";
import { faultOf, type SyncParts } from "./parts.ts";

/** A child is often announced while its parent is on its way; the verdict on it waits so long. */
const parentWaitMs = 1000;

/** Parts of the announcements of new blocks. */
export interface AnnouncementParts extends SyncParts {
  readonly heads: HeadFetcher;
  /** Too far behind for new blocks to be of use. */
  readonly isMajorSyncing: () => boolean;
  readonly clockWatch: ClockWatch | undefined;
}

/**
 * Announces our own new blocks by their headers, and takes those of others: a header is checked on its parent before it
 * goes on to other peers, and its block is fetched. Returns how to end that.
 */
export function startAnnouncements(parts: AnnouncementParts): () => void {
  const { chain, network, log } = parts;
  const announce = ({ origin, header, number }: ImportedEvent): void => {
    if (origin !== "own") return;
    network.publish("blocks", encodeHeader(header)).catch((error) => {
      log.warn("could not announce a block", { number, error });
    });
  };
  chain.events.on("imported", announce);
  const leave = network.subscribe("blocks", (bytes, peer) => judgeAnnouncement(parts, bytes, peer));
  return () => {
    leave();
    chain.events.off("imported", announce);
  };
}

async function judgeAnnouncement(
  parts: AnnouncementParts,
  bytes: Uint8Array,
  peer: PeerId,
): Promise<Verdict> {
  const header = read(bytes);
  if (!header) return "reject";
  const { chain, refused, heads } = parts;
  const hash = bytesToHash(hashHeader(header));
  if (refused.has(hash)) return "reject";
  const slot = slotOf(header.digest);
  if (slot !== undefined) parts.clockWatch?.observe(peer, slot);
  if (chain.header(hash)) return "accept";
  // Behind finality there is nothing to learn, and far behind it we cannot judge what is new.
  if (header.number <= chain.finalized.number || parts.isMajorSyncing()) return "ignore";
  const parentHash = bytesToHash(header.parentHash);
  const coming = heads.under(parentHash);
  if (coming) await Promise.race([coming, sleep(parentWaitMs)]);
  const fault = faultOf(parts, header);
  if (fault?.code === "UnknownParent") {
    // It cannot be judged, so it is not forwarded; whoever told of it is asked how it comes about.
    void heads.fetch(peer, { hash, number: header.number });
    return "ignore";
  }
  if (fault && fault.code !== "BadConsensus") return "ignore";
  if (fault) {
    refused.add(hash, fault.message);
    parts.log.debug("refused an announced block", {
      number: header.number,
      hash,
      reason: fault.message,
      peer,
    });
    return "reject";
  }
  void heads.fetch(peer, { hash, number: header.number }, { header, hash, justifications: [] });
  return "accept";
}

function read(bytes: Uint8Array): Header | undefined {
  try {
    return decodeAnnouncement(bytes);
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
