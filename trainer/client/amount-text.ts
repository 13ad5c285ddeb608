/** Digits behind the point of the token's name; amounts are in its smallest unit. */
export const decimals = 12;
export const unit = 10n ** BigInt(decimals);

/** An amount as people read it: `12.5 MAI`, and never rounded. */
export function amountText(value: bigint): string {
  const part = (value % unit).toString().padStart(decimals, "0").replace(/0+$/, "");
  const whole = (value / unit).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}${part && `.${part}`} MAI`;
}
