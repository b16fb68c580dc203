/**
 * Tells the apps that SSO sessions have ended. The notices lie in the store, left there by whatever ended the
 * session, in this process or another; each is tried until its app has answered 2xx or can have no session left.
 */
import type { KeyRing } from '@samesite-sso/service';
import type { FastifyBaseLogger } from 'fastify';
import type { RegisteredApp } from '../registry.ts';
import type { LogoutNotice, LogoutNoticeStore } from '../storage/stores.ts';
import { sendLogoutToken } from './logout-sender.ts';
import { logoutToken } from './logout-token.ts';

/** Notices that one app is sent at once. */
const AT_ONCE = 8;
/** Milliseconds before the second attempt, and the longest pause between two. Each pause doubles the last. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 60_000;

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
  /** Apps that are being told right now, by origin: each app has a lane of its own, so none delays another. */
  readonly #lanes = new Map<string, Promise<void>>();

  constructor(store: LogoutNoticeStore, settings: Settings) {
    this.#store = store;
    this.#settings = settings;
  }

  /** Starts to deliver what is due, without waiting for the apps, and drops what is of no use any more. */
  async look(): Promise<void> {
    const { apps, clock, log } = this.#settings;
    const dropped = await this.#store.giveUp({ at: clock(), by: 'service', address: null });
    for (const { app, sid, attempts } of dropped) log.warn({ app, sid, attempts }, 'logout given up');
    for (const app of apps) {
      if (this.#lanes.has(app.origin) || this.#stopped.signal.aborted) continue;
      const notices = await this.#due(app);
      if (notices.length > 0) this.#lanes.set(app.origin, this.#tell(app, notices));
    }
  }

  /** Ends what is under way. What was not delivered stays in the store, for the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#lanes.values());
  }

  #due({ origin }: RegisteredApp): Promise<LogoutNotice[]> {
    return this.#store.due(origin, this.#settings.clock(), AT_ONCE);
  }

  async #tell(app: RegisteredApp, first: LogoutNotice[]): Promise<void> {
    try {
      for (let notices = first; notices.length > 0; notices = await this.#due(app)) {
        await Promise.all(notices.map((notice) => this.#attempt(notice, app)));
        if (this.#stopped.signal.aborted) return;
      }
    } catch (error) {
      // The store cannot be reached: the notices are still in it, and the next look finds them.
      const { detail, message } = error as Error & { detail?: string };
      this.#settings.log.warn({ app: app.origin, reason: detail ?? message }, 'logouts are not delivered');
    } finally {
      this.#lanes.delete(app.origin);
    }
  }

  async #attempt(notice: LogoutNotice, { origin, server }: RegisteredApp): Promise<void> {
    const { keys, issuer, clock, log } = this.#settings;
    const reason = await this.#send(server, await logoutToken(keys, { issuer, ...notice }, clock()));
    if (this.#stopped.signal.aborted && reason !== null) return;
    const at = clock();
    if (reason === null) return await this.#store.delivered(notice, { at, by: 'service', address: null });
    const { sid, attempts } = notice;
    log.warn({ app: origin, sid, attempt: attempts + 1, reason }, 'logout not delivered');
    await this.#store.postpone(notice, at + pauseAfter(attempts));
  }

  /** @returns why it was not delivered, or null */
  async #send(server: string, token: string): Promise<string | null> {
    try {
      const status = await sendLogoutToken(server, token, this.#stopped.signal);
      return status >= 200 && status < 300 ? null : `answered ${status}`;
    } catch (error) {
      const { message, cause } = error as Error;
      return cause instanceof Error ? `${message}: ${cause.message}` : message;
    }
  }
}

/** With up to a quarter of jitter, so that notices that failed together do not come back together. */
function pauseAfter(attempts: number): number {
  const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(attempts, 16));
  return Math.round(pause * (1 - Math.random() / 4));
}
