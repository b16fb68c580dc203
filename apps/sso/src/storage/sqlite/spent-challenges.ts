/** The challenges that a passkey has signed, in SQLite, within the caller's transaction. */
import type { SqliteDatabase } from '@samesite-sso/core';
import type { SpentChallenge } from '../stores.ts';

export function prepareSpentChallenges({ sqlite }: SqliteDatabase) {
  const find = sqlite.prepare('SELECT 1 FROM spent_challenge WHERE hash = ?');
  const insert = sqlite.prepare('INSERT INTO spent_challenge (hash, expires_at) VALUES (:hash, :expiresAt)');
  return {
    isSpent: ({ hash }: SpentChallenge): boolean => find.get(hash) !== undefined,
    spend: (challenge: SpentChallenge): void => void insert.run(challenge),
  };
}
