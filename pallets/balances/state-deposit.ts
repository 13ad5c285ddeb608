/** What keeping something in the state costs as a deposit: so much for an entry, so much for each of its bytes. */
export const stateDeposit = (entries: bigint, bytes: bigint): bigint => entries * perEntry + bytes * perByte;

const perEntry = 20_000_000_000n;
const perByte = 100_000_000n;
