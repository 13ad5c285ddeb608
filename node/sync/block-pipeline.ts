/**
 * From headers to imported blocks: fetches the bodies of a line of headers from several peers at once and imports
 * them in order. Memory is bounded by what is held and on its way; a peer that is slow with the block that comes
 * next is doubled by another one.
 */
import type { ImportQueue } from "../chain/import-queue.ts";
import type { BlockOrigin, ImportResult } from "../chain/types.ts";
import type { PeerId } from "../network/types.ts";
import { askBodies } from "./ask.ts";
import { BlockLine, type Entry } from "./block-line.ts";
import type { LinkedHeader } from "./line.ts";
import { PeerFailure, type SyncPeers } from "./peers.ts";
import { maxBodies, softAnswerBytes } from "./protocols.ts";

/** How the line ended: all imported, a block refused, or nobody has what comes next. */
export type LineEnd =
  | { readonly type: "done" }
  | {
      readonly type: "refused";
      readonly block: LinkedHeader;
      readonly result: ImportResult & { type: "refused" };
    }
  | { readonly type: "starved"; readonly block: LinkedHeader };

export interface PipelineParts {
  readonly peers: SyncPeers;
  readonly queue: ImportQueue;
  /** Who sent the headers, so has all of the blocks. */
  readonly holder: PeerId;
  /** What the chain is told of where the blocks come from. */
  readonly origin: BlockOrigin;
  /** Told of each block after its import, of one after the other. */
  readonly onImported: (block: LinkedHeader) => Promise<void>;
}

/** Headers that wait for their bodies or their turn. */
const maxLine = 2048;
/** Bytes of bodies that are here and do not fit into the import queue yet, or may come. */
const maxBytes = 48 << 20;
/** Blocks in the import queue: enough that it never waits for us. */
const maxImporting = 32;
const maxRequests = 16;
const maxRequestsOfPeer = 2;
/** How long the import may wait for one peer before another is asked, too. */
const patienceMs = 1500;

export class BlockPipeline {
  readonly #parts: PipelineParts;
  readonly #line = new BlockLine();
  readonly #controller = new AbortController();
  readonly #settled = Promise.withResolvers<LineEnd>();
  readonly #timer: NodeJS.Timeout;
  readonly #leave: () => void;
  #onRoom: (() => void) | undefined;
  #told: Promise<void> = Promise.resolve();
  #importing = 0;
  #requests = 0;
  /** Average bytes of a body, to ask for about a mebibyte at once; begins high, so that the first answers come soon. */
  #bodyBytes = 32_768;
  #isComplete = false;
  #isOver = false;

  constructor(parts: PipelineParts, signal: AbortSignal) {
    this.#parts = parts;
    const abort = () => this.#fail(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    this.#leave = () => signal.removeEventListener("abort", abort);
    this.#timer = setInterval(() => this.#pump(), 250);
    // Whoever waits for the end hears of a failure, however late it begins to wait.
    this.end.catch(() => undefined);
    if (signal.aborted) abort();
  }

  /** How it ends. @throws the reason of the signal, or what keeps the chain from importing. */
  get end(): Promise<LineEnd> {
    return this.#settled.promise;
  }

  /** The next headers; resolves when there is room for more, or the line has ended. */
  async add(headers: readonly LinkedHeader[]): Promise<void> {
    this.#line.add(headers);
    this.#pump();
    while (!this.#isOver && this.#line.length >= maxLine) {
      await new Promise<void>((resolve) => {
        this.#onRoom = resolve;
      });
    }
  }

  /** The line has ended, and takes no more headers. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** No more headers will come. */
  complete(): Promise<LineEnd> {
    this.#isComplete = true;
    this.#pump();
    return this.end;
  }

  #pump(): void {
    if (this.#isOver) return;
    this.#import();
    this.#request();
    const next = this.#line.first;
    if (this.#importing > 0) return;
    if (!next && this.#isComplete) this.#finish({ type: "done" });
    if (!next || next.body || next.asked > 0) return;
    const { peers, holder } = this.#parts;
    if (!peers.hasHolder(next.header.number, { not: next.not, holder }))
      this.#finish({ type: "starved", block: next });
  }

  #import(): void {
    while (this.#importing < maxImporting) {
      const next = this.#line.shift();
      if (!next) break;
      this.#importing++;
      void this.#parts.queue
        .push(next.block, this.#parts.origin)
        .then((result) => this.#imported(next.entry, result))
        .catch((error) => this.#fail(error));
    }
    if (this.#line.length < maxLine) this.#onRoom?.();
  }

  async #imported(entry: Entry, result: ImportResult): Promise<void> {
    if (result.type === "refused") {
      this.#finish({ type: "refused", block: entry, result });
      return;
    }
    // Each proof of finality stands on the one before, and waits for its turn behind blocks that are being imported.
    this.#told = this.#told.then(() => this.#parts.onImported(entry));
    await this.#told;
    this.#importing--;
    this.#pump();
  }

  #request(): void {
    const size = Math.max(1, Math.min(maxBodies, Math.floor(softAnswerBytes / this.#bodyBytes)));
    while (this.#requests < maxRequests) {
      const entries = this.#line.wanted(size);
      const [first] = entries;
      if (!first) break;
      const isNext = first === this.#line.first;
      const expected = (this.#requests + 1) * softAnswerBytes;
      if (!isNext && this.#line.bytes + expected > maxBytes) break;
      if (!this.#askBest(first, entries)) break;
    }
    this.#hedge(size);
  }

  /** Asks a second peer for what holds up the import. */
  #hedge(size: number): void {
    const first = this.#line.first;
    if (!first || first.body || first.asked !== 1 || this.#importing > 0) return;
    if (performance.now() - first.since < patienceMs) return;
    const entries = this.#line.overdue(size);
    this.#askBest(first, entries);
  }

  /** Asks for as many of these as the peer has that is chosen for the first. */
  #askBest(first: Entry, entries: readonly Entry[]): boolean {
    const { peers, holder } = this.#parts;
    const peer = peers.pick(first.header.number, { not: first.not, holder }, maxRequestsOfPeer);
    if (!peer) return false;
    const isThere = ({ header }: Entry) => peer.id === holder || header.number <= peer.best.number;
    void this.#ask(peer.id, entries.filter(isThere));
    return true;
  }

  async #ask(peer: PeerId, entries: readonly Entry[]): Promise<void> {
    this.#requests++;
    for (const entry of entries) {
      if (entry.asked++ === 0) entry.since = performance.now();
      // Whoever is asked for it again should be somebody else.
      entry.not.add(peer);
    }
    try {
      const bodies = await askBodies(this.#parts.peers, peer, entries, this.#controller.signal);
      for (const [i, body] of bodies.entries()) {
        const entry = entries[i]!;
        this.#line.fill(entry, body);
        const bytes = body.reduce((sum, extrinsic) => sum + extrinsic.length, 0);
        this.#bodyBytes = 0.9 * this.#bodyBytes + 0.1 * bytes;
      }
      // It stopped where its answer was full: it has the rest, too.
      for (const entry of entries.slice(bodies.length)) entry.not.delete(peer);
    } catch (error) {
      if (this.#isOver) return;
      if (!(error instanceof PeerFailure)) this.#fail(error);
    } finally {
      this.#requests--;
      for (const entry of entries) entry.asked--;
    }
    this.#pump();
  }

  #finish(end: LineEnd): void {
    if (this.#close()) this.#settled.resolve(end);
  }

  #fail(error: unknown): void {
    if (this.#close()) this.#settled.reject(error);
  }

  #close(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#leave();
    this.#controller.abort(new Error("the line of blocks has ended"));
    this.#onRoom?.();
    return true;
  }
}
