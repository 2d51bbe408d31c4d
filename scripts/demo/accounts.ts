import { HDNodeWallet, Mnemonic, type Provider } from "ethers";

/** The local chain's public accounts, all funded: never use their keys anywhere else. */
const MNEMONIC = "test test test test test test test test test test test junk";

export const ACCOUNTS = {
  publisher: 0,
  workers: [1, 2, 3],
  liar: 4,
  customers: { Vanilla: 5, Tee: 6, Zkml: 7 },
} as const;

export function account(index: number, provider: Provider): HDNodeWallet {
  const path = `m/44'/60'/0'/0/${String(index)}`;
  return HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(MNEMONIC), path).connect(provider);
}
