/** The guarantees of `AuditStore`. */
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ADA, at, CONTEXT, type Given, NOW } from './given.ts';

export function auditContract(given: Given): void {
  const { startSession, detailsOf } = given;

  describe('the audit trail', () => {
    test('finds records by account, even under its former username, by kind and by time', async () => {
      await startSession();
      await given.stores.accounts.rename(
        { ...ADA, username: 'countess', usernameKey: 'countess' },
        at(NOW + 10),
      );
      await given.stores.accounts.disable(ADA.id, at(NOW + 20));
      const kinds = async (filter: object) =>
        (await allRows(given.stores.audit.pages({ limit: 100, ...filter }))).map(({ kind }) => kind);
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

    test('is read in pages: the newest records when reading began, oldest first', async () => {
      const many = Array.from({ length: 1010 }, (_, index) => String(index));
      await given.stores.audit.addAll(
        many.map((detail) => ({ event: { kind: 'key rotated', detail }, context: CONTEXT })),
      );
      const pages: string[][] = [];
      for await (const page of given.stores.audit.pages({ kind: 'key rotated', limit: 1005 })) {
        pages.push(page.map(({ detail }) => String(detail)));
        await given.others.audit.add({ kind: 'key rotated', detail: 'later' }, CONTEXT);
      }
      expect(pages.map(({ length }) => length)).toEqual([500, 500, 5]);
      expect(pages.flat()).toEqual(many.slice(5));
    });

    test('finds an old record, however many newer ones don’t match', async () => {
      await given.stores.audit.add({ kind: 'key retired', detail: 'oldest' }, CONTEXT);
      const event = { kind: 'key rotated' } as const;
      for (let count = 0; count < 3; count += 1) {
        await given.stores.audit.addAll(Array.from({ length: 8000 }, () => ({ event, context: CONTEXT })));
      }
      await given.stores.audit.add({ kind: 'key retired', detail: 'newest' }, CONTEXT);
      expect(await detailsOf('key retired')).toEqual(['oldest', 'newest']);
    });

    test('has the actor, the address and the time', async () => {
      await startSession();
      const [record] = await allRows(given.stores.audit.pages({ kind: 'session started', limit: 1 }));
      expect(record).toMatchObject({ at: NOW, actor: 'person', address: '192.0.2.1', username: 'ada' });
    });

    test('adds many records or none', async () => {
      const event = { kind: 'login throttled', detail: '7 times' } as const;
      await given.stores.audit.addAll([
        { event, context: CONTEXT },
        { event, context: { ...CONTEXT, address: null } },
      ]);
      expect(await detailsOf('login throttled')).toEqual(['7 times', '7 times']);
      const broken = { event: { ...event, kind: null as never }, context: CONTEXT };
      await expect(given.stores.audit.addAll([{ event, context: CONTEXT }, broken])).rejects.toThrow();
      expect(await detailsOf('login throttled')).toHaveLength(2);
    });
  });
}
