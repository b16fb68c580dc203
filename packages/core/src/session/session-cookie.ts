/**
 * The cookie of a session, on the SSO origin and on an app's. Its prefix binds it to the host, scripts can't
 * read it, and other sites' requests don't carry it. Its value is a random token; only the hash is stored.
 */
import { hash, randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem/http-problem.ts';

const TOKEN_BYTES = 32;
const TOKEN_PATTERN = /^[\w-]{43}$/;

/** Returns 256 bits from the system's random source, in base64url. */
export function createSessionToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** A fast hash is enough for a random token. A password would need a slow one. */
export function sha256(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}

/**
 * RFC 6265bis, section 4.1.3.2: the prefix requires `Secure`, `Path=/` and no `Domain`. Chromium evicts
 * cookies of lower priority first when a site has more than 180: without `Priority`, 400 ordinary cookies of
 * a sibling app would sign people out. Firefox ignores it, and a sibling can set it too.
 */
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; Priority=High; SameSite=Strict';

export class SessionCookie {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Returns the request's session token, or null. Name and value are compared byte for byte: any host of the
   * site may set a cookie that equals this one only after trimming or decoding.
   *
   * @throws {HttpProblem} `invalid-request` when the cookie came twice. A browser that enforces the prefix
   *   holds one, so somebody planted the other, and their order doesn't reveal which (RFC 6265, section
   *   4.2.2).
   */
  read({ headers }: Pick<FastifyRequest, 'headers'>): string | null {
    const start = `${this.name}=`;
    const [pair, ...others] = (headers.cookie ?? '').split(/; ?/).filter((each) => each.startsWith(start));
    if (others.length > 0) throw new HttpProblem('invalid-request', { logReason: `${this.name} came twice` });
    const value = pair?.slice(start.length);
    return value !== undefined && TOKEN_PATTERN.test(value) ? value : null;
  }

  set(reply: FastifyReply, token: string, maxAgeSeconds: number): void {
    this.#write(reply, token, maxAgeSeconds);
  }

  clear(reply: FastifyReply): void {
    this.#write(reply, '', 0);
  }

  /**
   * Doesn't use `@fastify/cookie`: a server can register that plugin only once, and the app may need other
   * options. A base64url value needs no encoding, and Fastify adds to `Set-Cookie` headers that are there.
   */
  #write(reply: FastifyReply, value: string, maxAgeSeconds: number): void {
    reply.header('Set-Cookie', `${this.name}=${value}; Max-Age=${maxAgeSeconds}; ${ATTRIBUTES}`);
  }
}
