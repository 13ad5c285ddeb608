/** What the chain says of a transaction or call that came to nothing, where its own words are those of its programmers. */
const sentences: Readonly<Record<string, string>> = {
  "Invalid Payment": "the account cannot pay the fee",
  "Invalid AncientBirthBlock": "it was signed too long ago; sign it again",
  "Invalid BadProof": "its signature is wrong, or was made for another chain or release",
  "Invalid Future": "a transaction of the account before it is missing",
  "Invalid Stale": "another transaction of the account took its number",
  "Invalid ExhaustsResources": "it is too large for a block",
  "Token FundsUnavailable": "the account has too little free balance",
  "Token NotExpendable": "the account would be left with less than accounts must have",
  "Token BelowMinimum": "an account cannot be made with so little",
  "Token Frozen": "what the account has is locked",
  BadOrigin: "this account may not do that",
};

/** A failure by its type and the type inside it, with a sentence where there is one. */
export function failureText({ type, value }: { readonly type: string; readonly value: unknown }): string {
  const inner = (value as { type?: string } | undefined)?.type;
  const name = inner === undefined ? type : `${type} ${inner}`;
  return sentences[name] === undefined ? name : `${name}: ${sentences[name]}`;
}
