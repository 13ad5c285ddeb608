/** Bytes of an object from some place on. */
export interface Reading {
  /** Where `body` begins; 0 when the server cannot begin elsewhere. */
  readonly from: number;
  /** Size of the whole object, where the server tells it. */
  readonly size?: number;
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of a body that is not read, or not to its end. */
  close?(): void;
}

export interface WriteOptions {
  readonly signal?: AbortSignal;
  /** Called with the number of bytes sent so far. */
  readonly onProgress?: (done: number) => void;
}

/** One kind of storage. Every method throws a StorageError, or the signal's reason. */
export interface Backend {
  /** Opens the object at `uri`, from byte `from` on where possible. */
  read(uri: string, from: number, signal?: AbortSignal): Promise<Reading>;
  /** Stores a file at `uri` and gives the address under which it can be read. */
  write(path: string, uri: string, options?: WriteOptions): Promise<string>;
  close?(): Promise<void>;
}
