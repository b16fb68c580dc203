/**
 * Tells the apps that SSO sessions have ended. The notices lie in the store, left there by whatever ended the
 * session, in this process or another; each is tried until its app has answered 2xx or can have no session left.
 * Each app has a lane of its own (`logout-lane.ts`), so that none delays another.
 */
import type { KeyRing } from '@samesite-sso/core';
import type { FastifyBaseLogger } from 'fastify';
import type { RegisteredApp } from '../registry.ts';
import type { LogoutNoticeStore } from '../storage/stores.ts';
import { AppDeliveryQueue } from './app-delivery-queue.ts';
import { sendLogoutToken } from './logout-sender.ts';
import { logoutToken } from './logout-token.ts';

interface Settings {
  apps: readonly RegisteredApp[];
  issuer: string;
  keys: KeyRing;
  clock: () => number;
  log: Pick<FastifyBaseLogger, 'warn'>;
}

export class LogoutDelivery {
  readonly #store: LogoutNoticeStore;
  readonly #settings: Settings;
  readonly #stopped = new AbortController();
  readonly #lanes: readonly AppDeliveryQueue[];

  constructor(store: LogoutNoticeStore, settings: Settings) {
    this.#store = store;
    this.#settings = settings;
    this.#lanes = settings.apps.map((app) => this.#laneOf(app));
  }

  /** Starts to deliver what is due, without waiting for the apps, and drops what is of no use any more. */
  async look(): Promise<void> {
    const { clock, log } = this.#settings;
    for (const lane of this.#lanes) lane.look();
    const dropped = await this.#store.giveUp({ at: clock(), actor: 'service', address: null });
    for (const { app, sid, attempts } of dropped) log.warn({ app, sid, attempts }, 'logout given up');
  }

  /** Resolves once nothing is under way any more. */
  async idle(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.idle()));
  }

  /** Ends what is under way. What was not delivered stays in the store, for the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.idle();
  }

  #laneOf({ origin, server }: RegisteredApp): AppDeliveryQueue {
    const { keys, issuer, clock, log } = this.#settings;
    const { signal } = this.#stopped;
    const send = async (notice: { app: string; accountId: string; sid: string }) => {
      try {
        const token = await logoutToken(keys, { issuer, ...notice }, clock());
        const status = await sendLogoutToken(server, token, signal);
        return status >= 200 && status < 300 ? null : `answered ${status}`;
      } catch (error) {
        const { message, cause } = error as Error;
        return cause instanceof Error ? `${message}: ${cause.message}` : message;
      }
    };
    return new AppDeliveryQueue({ app: origin, store: this.#store, send, stopped: signal, clock, log });
  }
}
