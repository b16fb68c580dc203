/**
 * A store as an app might write it, from the comments of `AppStore` alone. It is in memory, so
 * nothing in it is durable; its connections share it, and a restart keeps it.
 */
import {
  type AppStore,
  CLAIM_MS,
  type Logout,
  MAX_BATCH_ROWS,
  MAX_SESSIONS_PER_SID,
  type NewAppSession,
  RETENTION_MS,
} from './index.ts';

interface SignOut {
  endsAt: number;
  isDelivered: boolean;
  claimedUntil: number;
}

/** @returns a function that opens a connection to one empty store */
export function ownStore(): () => AppStore {
  const sessions = new Map<string, NewAppSession>();
  const replacedSessions = new Map<string, { sid: string; ssoEndsAt: number; at: number }>();
  const logouts = new Map<string, Logout & { at: number }>();
  const signOuts = new Map<string, SignOut>();
  const log: { sid: string; at: number; isForgotten: boolean }[] = [];

  const sessionsOf = (sid: string) => [...sessions].filter(([, session]) => session.sid === sid);
  /** @returns whether there was any */
  const endAll = (keys: readonly string[], now: number): boolean => {
    const sids = new Set(keys.map((key) => sessions.get(key)?.sid ?? ''));
    const hasEnded = keys.filter((key) => sessions.delete(key)).length > 0;
    for (const sid of sids) {
      if (hasEnded && sessionsOf(sid).length === 0) log.push({ sid, at: now, isForgotten: false });
    }
    return hasEnded;
  };
  const forget = <Record>(records: Map<string, Record>, isOld: (record: Record) => boolean): number =>
    [...records].filter(([key, record]) => isOld(record) && records.delete(key)).length;

  return () => ({
    sessions: {
      start: async (session, replaced) => {
        const isRefused = [...logouts.values()].some(
          ({ sid, issuedAt }) => sid === session.sid && issuedAt >= session.tokenIssuedAt,
        );
        if (isRefused || signOuts.has(session.sid)) return false;
        const { startedAt: at } = session;
        sessions.set(session.tokenHash.toString('hex'), session);
        const key = replaced?.toString('hex') ?? '';
        const old = sessions.get(key);
        if (old !== undefined) replacedSessions.set(key, { sid: old.sid, ssoEndsAt: old.ssoEndsAt, at });
        if (old !== undefined) endAll([key], at);
        const excess = sessionsOf(session.sid).slice(0, -MAX_SESSIONS_PER_SID);
        for (const [oldest] of excess) sessions.delete(oldest);
        return true;
      },
      find: async (tokenHash, now) => {
        const session = sessions.get(tokenHash.toString('hex'));
        if (session === undefined || session.endsAt <= now) return null;
        const { account, sid, startedAt, endsAt, authenticatedAt, amr, groups } = session;
        return { account, sid, startedAt, endsAt, authenticatedAt, amr, groups };
      },
      endBySid: async (logout, now) => {
        if (logouts.has(logout.jti)) return false;
        logouts.set(logout.jti, { ...logout, at: now });
        const ended = sessionsOf(logout.sid).filter(
          ([, { tokenIssuedAt }]) => tokenIssuedAt <= logout.issuedAt || tokenIssuedAt > now,
        );
        endAll(
          ended.map(([key]) => key),
          now,
        );
        return true;
      },
      end: async (tokenHash, scope, now) => {
        const key = tokenHash.toString('hex');
        if (scope === 'app') return endAll([key], now);
        const session = sessions.get(key) ?? replacedSessions.get(key);
        if (session === undefined) return false;
        const { sid, ssoEndsAt } = session;
        if (!signOuts.has(sid)) {
          signOuts.set(sid, { endsAt: ssoEndsAt, isDelivered: false, claimedUntil: 0 });
        }
        endAll(
          sessionsOf(sid).map(([each]) => each),
          now,
        );
        return true;
      },
      purgeExpired: async (now) => {
        const since = now - RETENTION_MS;
        const expired = [...sessions].filter(([, { endsAt }]) => endsAt <= now).slice(0, MAX_BATCH_ROWS);
        const oldEntries = log.filter(({ at, isForgotten }) => !isForgotten && at <= since);
        for (const entry of oldEntries) entry.isForgotten = true;
        const forgotten =
          forget(logouts, ({ at }) => at <= since) +
          forget(replacedSessions, ({ at }) => at <= since) +
          forget(signOuts, ({ endsAt }) => endsAt <= since);
        const keys = expired.map(([key]) => key);
        return endAll(keys, now) || forgotten + oldEntries.length > 0;
      },
    },
    signOuts: {
      has: async (sid) => signOuts.has(sid),
      isPending: async (now) =>
        [...signOuts.values()].some(({ endsAt, isDelivered }) => !isDelivered && endsAt > now),
      claim: async (limit, now) => {
        const due = [...signOuts].filter(
          ([, { endsAt, isDelivered, claimedUntil }]) =>
            !isDelivered && endsAt > now && (claimedUntil <= now || claimedUntil > now + 2 * CLAIM_MS),
        );
        const claimed = due.toSorted(([, a], [, b]) => a.claimedUntil - b.claimedUntil).slice(0, limit);
        for (const [, signOut] of claimed) signOut.claimedUntil = now + CLAIM_MS;
        return claimed.map(([sid]) => sid);
      },
      settle: async (delivered, failed, now) => {
        for (const [sid, signOut] of signOuts) {
          if (delivered.includes(sid)) signOut.isDelivered = true;
          if (failed.includes(sid)) signOut.claimedUntil = now;
        }
      },
    },
    endedSessions: {
      position: async () => String(log.length),
      readAfter: async (position) => {
        const batch = log.slice(Number(position), Number(position) + MAX_BATCH_ROWS);
        const sids = batch.filter(({ isForgotten }) => !isForgotten).map(({ sid }) => sid);
        return { sids, position: String(Number(position) + batch.length) };
      },
    },
    isReady: async () => true,
    close: async () => {},
  });
}
