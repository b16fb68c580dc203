/** A server's answer to a server, read to a limit: a peer that floods or trickles costs only itself. */

const LIMIT_BYTES = 65_536;

/**
 * `fetch`, but the answer's body is read at once, up to 64 KiB, and no redirect is followed.
 *
 * @throws {Error} when there is no answer before `signal` aborts, or it is too large
 */
export async function boundedFetch(
  url: string,
  options: RequestInit & { signal: AbortSignal },
): Promise<Response> {
  const response = await fetch(url, { ...options, redirect: 'error' });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > LIMIT_BYTES) throw new Error(`${url} answered more than ${LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: response.status, headers: response.headers });
}
