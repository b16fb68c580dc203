/** What `AuditStore` guarantees. */
import { describe, expect, test } from 'vitest';
import { ACT, ADA, at, type Given, NOW } from './given.ts';

export function auditContract(given: Given): void {
  const { inParallel, startSession, told } = given;

  describe('the audit trail', () => {
    test('finds records by account, even under the name it had, by kind and by time', async () => {
      await startSession();
      await given.stores.accounts.rename(
        { ...ADA, username: 'countess', usernameKey: 'countess' },
        at(NOW + 10),
      );
      await given.stores.accounts.disable(ADA.id, at(NOW + 20));
      const kinds = async (filter: object) =>
        (await given.stores.audit.list({ limit: 100, ...filter })).map(({ kind }) => kind);
      const all = [
        'account added',
        'login succeeded',
        'session started',
        'account renamed',
        'account disabled',
        'session ended',
      ];
      expect(await kinds({})).toEqual(all);
      for (const account of ['countess', ADA.id]) expect(await kinds({ account })).toEqual(all);
      expect(await kinds({ account: 'ada' })).toEqual(all.slice(0, 4));
      expect(await kinds({ account: 'grace' })).toEqual([]);
      expect(await kinds({ kind: 'session ended' })).toEqual(['session ended']);
      expect(await kinds({ since: NOW + 10, until: NOW + 20 })).toEqual(['account renamed']);
      expect(await kinds({ limit: 2 })).toEqual(['account disabled', 'session ended']);
    });

    test('says who, from where and when', async () => {
      await startSession();
      const [record] = await given.stores.audit.list({ kind: 'session started', limit: 1 });
      expect(record).toMatchObject({ at: NOW, by: 'person', address: '192.0.2.1', username: 'ada' });
    });

    test('takes what anybody can cause once in a while only, however many cause it at once', async () => {
      const throttled = { kind: 'login throttled', accountId: null } as const;
      await inParallel(20, (each) => each.audit.addOnceSince(NOW - 60_000, throttled, ACT));
      expect(await told('login throttled')).toHaveLength(1);
      await given.stores.audit.addOnceSince(NOW - 60_000, throttled, { ...ACT, address: '192.0.2.2' });
      await given.stores.audit.addOnceSince(NOW + 1, throttled, at(NOW + 60_001));
      expect(await told('login throttled')).toHaveLength(3);
    });
  });
}
