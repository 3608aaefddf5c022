/** A code that programs know, and words. Wallets refuse with a number (EIP-1193). */
export function reasonOf(error: unknown): { code: string; message: string } {
  const { code, message } = (typeof error === "object" && error !== null ? error : {}) as {
    code?: unknown;
    message?: unknown;
  };
  const text = typeof message === "string" && message !== "" ? message : String(error);
  if (code === 4001) return { code: "ERR_WALLET_REFUSED", message: "You refused it in the wallet." };
  return { code: typeof code === "string" ? code : "ERR_WALLET", message: text };
}
