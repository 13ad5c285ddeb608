/** Entries that are not the state they claim to be. */
export class RootMismatch extends Error {
  constructor(expected: Uint8Array, found: Uint8Array) {
    const [want, got] = [expected, found].map((hash) => `0x${Buffer.from(hash).toString("hex")}`);
    super(`the entries have the state root ${got}, not ${want}`);
    this.name = "RootMismatch";
  }
}
