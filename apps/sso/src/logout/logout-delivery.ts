/**
 * Notifies apps that SSO sessions have ended. Every code path that ends a session stores one notice per app,
 * in any process. Notices are delivered until the app responds with 2xx or can't have a session left, by any
 * instance. Each app has its own queue (`app-delivery-queue.ts`), so that no app delays another.
 */
import type { KeyRing } from '@samesite-sso/core';
import { LOGOUT_TOKEN_SECONDS } from '@samesite-sso/protocol';
import type { FastifyBaseLogger } from 'fastify';
import type { AppRegistry } from '../registry/app-registry.ts';
import type { LogoutNotice, LogoutNoticeStore, RegistryStore } from '../storage/stores.ts';
import { MAX_CLOCK_DIFFERENCE_MS } from '../storage/token-store.ts';
import { AppDeliveryQueue } from './app-delivery-queue.ts';
import { createLogoutToken, sendLogoutToken } from './logout-sender.ts';

interface LogoutDeliveryOptions {
  /** A random id of this process. */
  holder: string;
  registry: Pick<AppRegistry, 'serverOf'>;
  /** The last servers of all apps, for those that were removed before this process started. */
  findServers: RegistryStore['servers'];
  issuer: string;
  keys: KeyRing;
  clock: () => number;
  log: Pick<FastifyBaseLogger, 'warn'>;
}

export class LogoutDelivery {
  readonly #store: LogoutNoticeStore;
  readonly #options: LogoutDeliveryOptions;
  readonly #stopped = new AbortController();
  /** By the app's origin. */
  readonly #queues = new Map<string, AppDeliveryQueue>();

  constructor(store: LogoutNoticeStore, options: LogoutDeliveryOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Starts to deliver due notices, without waiting for the apps, and gives up on obsolete ones. */
  async poll(): Promise<void> {
    const { holder, clock, log } = this.#options;
    for (const appOrigin of await this.#store.appsDue(holder, clock())) this.#findQueue(appOrigin).poll();
    const dropped = await this.#store.giveUp({ at: clock(), actor: 'service', address: null });
    for (const { app, sid, attempts } of dropped) log.warn({ app, sid, attempts }, 'logout given up');
  }

  /** Resolves once no request is pending. */
  async idle(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.idle()));
  }

  /** Aborts pending requests. Undelivered notices stay for another instance, or for the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.idle();
    await this.#store.release(this.#options.holder).catch(() => {}); // The leases end by themselves.
  }

  #findQueue(appOrigin: string): AppDeliveryQueue {
    const known = this.#queues.get(appOrigin);
    if (known !== undefined) return known;
    const { holder, clock, log } = this.#options;
    const send = (notice: LogoutNotice) => this.#send(notice);
    const stopped = this.#stopped.signal;
    const queue = new AppDeliveryQueue({ appOrigin, holder, store: this.#store, send, stopped, clock, log });
    this.#queues.set(appOrigin, queue);
    return queue;
  }

  /** @returns why it wasn't delivered, or null */
  async #send({ app: appOrigin, accountId, sid, issuedAt }: LogoutNotice): Promise<string | null> {
    const { registry, findServers, keys, issuer, clock } = this.#options;
    try {
      const server = registry.serverOf(appOrigin) ?? (await findServers()).get(appOrigin);
      if (server === undefined) return "the app isn't registered, and its last server is unknown";
      const token = createLogoutToken(keys, { issuer, appOrigin, accountId, sid }, dateOf(clock(), issuedAt));
      const status = await sendLogoutToken(server, token, this.#stopped.signal);
      return status >= 200 && status < 300 ? null : `responded ${status}`;
    } catch (error) {
      const { message, cause } = error as Error;
      return cause instanceof Error ? `${message}: ${cause.message}` : message;
    }
  }
}

/**
 * The app refuses authentication tokens whose `iat` is at or before the logout token's, so a logout token
 * carries the time of the session's last authentication token. A person who is let in again then has a newer
 * token, even if the logout token arrives after it. Apps refuse logout tokens that are too old, so the time
 * is at most half a lifetime ago.
 *
 * Another instance whose clock is ahead may have issued the last token. A time in the future, after this
 * clock was set back, would be refused.
 */
function dateOf(now: number, issuedAt: number): number {
  if (issuedAt > now + MAX_CLOCK_DIFFERENCE_MS) return now;
  return Math.max(now - (LOGOUT_TOKEN_SECONDS / 2) * 1000, issuedAt);
}
