import { fromHex } from "../runtime/primitives/bytes.ts";

/** A test account that trains; its secret is both its account's and that of its session keys. */
export interface TestTrainer {
  readonly uri: "//Alice" | "//Bob" | "//Charlie" | "//Dave" | "//Eve" | "//Ferdie";
  /** The ed25519 key of the secret, with which it votes on finality. */
  readonly votingKey: Uint8Array;
}

const trainer = (uri: TestTrainer["uri"], votingKey: string): TestTrainer => ({
  uri,
  votingKey: fromHex(votingKey)!,
});

/** The trainers of the first hour, in the order in which a chain with fewer of them takes them. */
export const testTrainers: readonly TestTrainer[] = [
  trainer("//Alice", "0x88dc3417d5058ec4b4503e0c12ea1a0a89be200fe98922423d4334014fa6b0ee"),
  trainer("//Bob", "0xd17c2d7823ebf260fd138f2d7e27d114c0145d968b5ff5006125f2414fadae69"),
  trainer("//Charlie", "0x439660b36c6c03afafca027b910b4fecf99801834c62a5e6006f27d978de234f"),
  trainer("//Dave", "0x5e639b43e0052c47447dac87d6fd2b6ec50bdd4d0f614e4299c665249bbd09d9"),
  trainer("//Eve", "0x1dfe3e22cc0d45c70779c1095f7489a8ef3cf52d62fbd8c2fa38c9f1723502b5"),
  trainer("//Ferdie", "0x568cb4a574c6d178feb39c27dfc8b3f789e5f5423e19c71633c748b9acf086b5"),
];
