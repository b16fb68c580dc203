/**
 * Notifies apps that SSO sessions have ended. Every code path that ends a session stores one notice per app,
 * in any process. Notices are delivered until the app responds with 2xx or can't have a session left. Each
 * app has its own queue (`app-delivery-queue.ts`), so that no app delays another.
 */
import type { KeyRing } from '@samesite-sso/core';
import type { FastifyBaseLogger } from 'fastify';
import type { RegisteredApp } from '../registry.ts';
import type { LogoutNotice, LogoutNoticeStore } from '../storage/stores.ts';
import { AppDeliveryQueue } from './app-delivery-queue.ts';
import { createLogoutToken, sendLogoutToken } from './logout-sender.ts';

interface LogoutDeliveryOptions {
  apps: readonly RegisteredApp[];
  issuer: string;
  keys: KeyRing;
  clock: () => number;
  log: Pick<FastifyBaseLogger, 'warn'>;
}

export class LogoutDelivery {
  readonly #store: LogoutNoticeStore;
  readonly #options: LogoutDeliveryOptions;
  readonly #stopped = new AbortController();
  readonly #queues: readonly AppDeliveryQueue[];

  constructor(store: LogoutNoticeStore, options: LogoutDeliveryOptions) {
    this.#store = store;
    this.#options = options;
    this.#queues = options.apps.map((app) => this.#createQueue(app));
  }

  /** Starts to deliver due notices, without waiting for the apps, and gives up on obsolete ones. */
  async poll(): Promise<void> {
    const { clock, log } = this.#options;
    for (const queue of this.#queues) queue.poll();
    const dropped = await this.#store.giveUp({ at: clock(), actor: 'service', address: null });
    for (const { app, sid, attempts } of dropped) log.warn({ app, sid, attempts }, 'logout given up');
  }

  /** Resolves once no request is pending. */
  async idle(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.idle()));
  }

  /** Aborts pending requests. Undelivered notices stay in the store for the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.idle();
  }

  #createQueue({ origin, server }: RegisteredApp): AppDeliveryQueue {
    const { keys, issuer, clock, log } = this.#options;
    const { signal } = this.#stopped;
    const send = async ({ app: appOrigin, accountId, sid }: LogoutNotice) => {
      try {
        const token = createLogoutToken(keys, { issuer, appOrigin, accountId, sid }, clock());
        const status = await sendLogoutToken(server, token, signal);
        return status >= 200 && status < 300 ? null : `responded ${status}`;
      } catch (error) {
        const { message, cause } = error as Error;
        return cause instanceof Error ? `${message}: ${cause.message}` : message;
      }
    };
    return new AppDeliveryQueue({ appOrigin: origin, store: this.#store, send, stopped: signal, clock, log });
  }
}
