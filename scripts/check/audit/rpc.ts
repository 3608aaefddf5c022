/** Asks a node. @throws when it answers with an error or with nothing */
export async function rpc<T>(url: string, method: string, params: unknown[]): Promise<T> {
  const result = await rpcOrNull<T>(url, method, params);
  if (result === null) throw new Error(`${url} ${method}: no result`);
  return result;
}

/** As `rpc`, where nothing is an answer. */
export async function rpcOrNull<T>(url: string, method: string, params: unknown[]): Promise<T | null> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = (await response.json()) as { result?: T | null; error?: { message: string } };
  if (answer.error) throw new Error(`${url} ${method}: ${answer.error.message}`);
  return answer.result ?? null;
}
