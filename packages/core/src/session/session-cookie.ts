/**
 * A session's cookie, on the SSO origin as on an app's: host-bound by its prefix, unreadable for scripts,
 * and never sent along by another site. What its value means is the session store's.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem } from '../problem/http-problem.ts';
import { isSecret } from './session-token.ts';

/**
 * RFC 6265bis, section 4.1.3.2: the prefix demands `Secure`, `Path=/` and no `Domain`. Chromium evicts
 * cookies of a lower priority first when a site has more than 180: without `Priority`, a sibling's 400
 * ordinary cookies sign people out. Firefox ignores it, and a sibling can set it, too.
 */
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; Priority=High; SameSite=Strict';

export class SessionCookie {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * The secret that came with a request, or null. Of the cookie's name and value every byte counts: what is trimmed or
   * decoded here could be what a browser holds for another cookie, which any host of the site may plant.
   *
   * @throws {HttpProblem} `invalid-request` where the cookie came twice: a browser that keeps to the prefix holds one, so
   *   somebody planted the other, and no order tells which (RFC 6265, section 4.2.2)
   */
  read({ headers }: Pick<FastifyRequest, 'headers'>): string | null {
    const start = `${this.name}=`;
    const [pair, ...others] = (headers.cookie ?? '').split(/; ?/).filter((each) => each.startsWith(start));
    if (others.length > 0) throw new HttpProblem('invalid-request', { logReason: `${this.name} came twice` });
    const value = pair?.slice(start.length);
    return value !== undefined && isSecret(value) ? value : null;
  }

  set(reply: FastifyReply, secret: string, maxAgeSeconds: number): void {
    this.#write(reply, secret, maxAgeSeconds);
  }

  clear(reply: FastifyReply): void {
    this.#write(reply, '', 0);
  }

  /**
   * Doesn't use `@fastify/cookie`: a server can have that plugin once, with the options of the code that
   * registers it. The value is base64url, so nothing in it needs encoding. Fastify adds a header of this name
   * to those that are there.
   */
  #write(reply: FastifyReply, value: string, maxAgeSeconds: number): void {
    reply.header('Set-Cookie', `${this.name}=${value}; Max-Age=${maxAgeSeconds}; ${ATTRIBUTES}`);
  }
}
