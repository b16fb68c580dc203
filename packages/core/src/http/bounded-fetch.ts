/** Bounds what a server reads from another one: a peer that floods or trickles harms only itself. */

const MAX_BODY_BYTES = 65_536;

/**
 * Like `fetch`, but reads the whole body, up to 64 KiB, and follows no redirect.
 *
 * @throws {Error} when the response redirects, is too large, or isn't complete before `signal` aborts
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
    if (size > MAX_BODY_BYTES)
      throw new Error(`the response of ${url} has more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: response.status, headers: response.headers });
}
