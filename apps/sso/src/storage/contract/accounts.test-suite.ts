/** The guarantees of `AccountStore`. */
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { allRows } from '../../../../../test/support/sso/all-rows.ts';
import { ACCOUNT, ACCOUNT_OF_GRACE, ADA, CONTEXT, FOO, type Given, GRACE, NOW } from './given.ts';
import { ownOf } from './given-factors.ts';

export function accountContract(given: Given): void {
  const { inParallel, startSession, issueToken, noticesFor, detailsOf } = given;

  describe('accounts', () => {
    test('add one account per username, however many calls run in parallel', async () => {
      const taken = await inParallel(20, (each, index) =>
        each.accounts.add([{ ...ACCOUNT, id: `account ${index}` }], CONTEXT),
      );
      expect(taken.filter(({ length }) => length === 0)).toHaveLength(1);
      expect(await allRows(given.stores.accounts.pages())).toHaveLength(1);
    });

    test('add all accounts or none, and return those whose username is taken', async () => {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      const many = [ACCOUNT_OF_GRACE, { ...ACCOUNT, id: 'other' }, { ...ACCOUNT_OF_GRACE, id: 'twin' }];
      expect(await given.stores.accounts.add(many, CONTEXT)).toEqual([1, 2]);
      expect(await allRows(given.stores.accounts.pages())).toHaveLength(1);
      expect(await detailsOf('account added')).toHaveLength(1);
      expect(await given.stores.accounts.add([ACCOUNT_OF_GRACE], CONTEXT)).toEqual([]);
    });

    test('are found by their username key, and by nothing else', async () => {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      const flags = { isImported: false, isDisabled: false };
      const credentials = { account: ADA, passwordHash: 'hash', passwordVersion: 1, ...flags };
      expect(await given.stores.accounts.findCredentials('ada')).toEqual(credentials);
      expect(await given.stores.accounts.find('ada')).toEqual({ ...ADA, createdAt: NOW, disabledAt: null });
      expect(await given.stores.accounts.findCredentials('Ada')).toBeNull();
      expect(await given.stores.accounts.find('Ada')).toBeNull();
    });

    test('know whether their hash was imported, until it is replaced or a password is set', async () => {
      const { accounts } = given.stores;
      await accounts.add([{ ...ACCOUNT, isImported: true }], CONTEXT);
      const isImported = async () => (await accounts.findCredentials('ada'))?.isImported;
      expect(await isImported()).toBe(true);
      await accounts.rehash(ADA.id, 'hash', 'a hash of ours');
      expect(await isImported()).toBe(false);
      await accounts.add([{ ...ACCOUNT_OF_GRACE, passwordHash: 'another', isImported: true }], CONTEXT);
      await accounts.setPassword(GRACE.id, 'a new one', {}, CONTEXT);
      expect(await accounts.findCredentials('grace')).toMatchObject({ isImported: false });
    });

    test('are found by their id', async () => {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      expect(await given.stores.accounts.findById(ADA.id)).toEqual({
        ...ADA,
        createdAt: NOW,
        disabledAt: null,
      });
      expect(await given.stores.accounts.findById('ada')).toBeNull();
    });

    test('are listed by username in pages, however many there are', async () => {
      const names = Array.from({ length: 1000 }, (_, index) => `person${String(index).padStart(4, '0')}`);
      const many = names.map((name) => ({ ...ACCOUNT, id: `id ${name}`, username: name, usernameKey: name }));
      await given.stores.accounts.add(many.reverse(), CONTEXT);
      const pages: string[][] = [];
      for await (const page of given.stores.accounts.pages()) {
        pages.push(page.map(({ username }) => username));
        await given.others.accounts.remove('id person0750', CONTEXT);
      }
      expect(pages).toEqual([names.slice(0, 500), [...names.slice(500, 750), ...names.slice(751)]]);
    });

    test('are renamed, but not to a username that is taken', async () => {
      await given.stores.accounts.add([ACCOUNT, ACCOUNT_OF_GRACE], CONTEXT);
      const renamed = { ...ADA, username: 'Grace', usernameKey: 'grace' };
      expect(await given.stores.accounts.rename(renamed, CONTEXT)).toBe('taken');
      expect(await given.stores.accounts.rename({ ...ADA, id: 'nobody', usernameKey: 'ada' }, CONTEXT)).toBe(
        'gone',
      );
      expect(await detailsOf('account renamed')).toEqual([]);
      expect(
        await given.stores.accounts.rename({ ...ADA, displayName: 'Ada King', usernameKey: 'ada' }, CONTEXT),
      ).toBeNull();
      expect(await allRows(given.stores.accounts.pages())).toMatchObject([
        { displayName: 'Ada King' },
        GRACE,
      ]);
    });

    test('are rehashed only if the password hasn’t changed', async () => {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      await given.stores.accounts.rehash(ADA.id, 'another hash', 'stale');
      expect((await given.stores.accounts.findCredentials('ada'))?.passwordHash).toBe('hash');
      await given.stores.accounts.rehash(ADA.id, 'hash', 'stronger');
      const credentials = await given.stores.accounts.findCredentials('ada');
      expect(credentials).toMatchObject({ passwordHash: 'stronger', passwordVersion: 1 });
    });

    test('set a password once, however many parallel calls replace the same old one', async () => {
      await given.stores.accounts.add([ACCOUNT], CONTEXT);
      const set = await inParallel(20, (each, index) =>
        each.accounts.setPassword(ADA.id, `hash ${index}`, { passwordVersion: 1 }, CONTEXT),
      );
      expect(set.filter((ended) => ended !== null)).toEqual([0]);
      expect(await detailsOf('password changed')).toHaveLength(1);
    });

    test('lose every session but one, which gets a new token, when their password is set', async () => {
      const [kept, other] = [await startSession(), await startSession()];
      await issueToken(kept.sid);
      await issueToken(other.sid);
      const newTokenHash = randomBytes(32);
      const change = { passwordVersion: 1, own: { ...ownOf(kept), newTokenHash } };
      expect(await given.stores.accounts.setPassword(ADA.id, 'new', change, CONTEXT)).toBe(1);
      expect(await given.stores.sessions.find(kept.tokenHash)).toBeNull();
      expect(await given.stores.sessions.find(newTokenHash)).toMatchObject({ sid: kept.sid });
      expect(await noticesFor(FOO)).toMatchObject([{ sid: other.sid }]);
    });

    test('are disabled once, with all their sessions, and can be enabled again', async () => {
      const { sid } = await startSession();
      await startSession();
      await issueToken(sid);
      const disabled = await inParallel(10, (each) => each.accounts.disable(ADA.id, CONTEXT));
      expect(disabled.filter((ended) => ended !== null)).toEqual([2]);
      expect(await allRows(given.stores.sessions.pages(ADA.id))).toEqual([]);
      expect(await detailsOf('session ended')).toEqual(['account disabled', 'account disabled']);
      expect(await noticesFor(FOO)).toHaveLength(1);
      expect(await given.stores.accounts.findCredentials('ada')).toMatchObject({ isDisabled: true });
      expect(await given.stores.accounts.enable(ADA.id, CONTEXT)).toBe(true);
      expect(await given.stores.accounts.enable(ADA.id, CONTEXT)).toBe(false);
      expect(await given.stores.accounts.find('ada')).toMatchObject({ disabledAt: null });
    });

    test('are removed with their sessions, and leave notices and records behind', async () => {
      const { sid } = await startSession();
      await issueToken(sid);
      expect(await given.stores.accounts.remove(ADA.id, CONTEXT)).toBe(1);
      expect(await given.stores.accounts.remove(ADA.id, CONTEXT)).toBeNull();
      expect(await given.stores.accounts.find('ada')).toBeNull();
      expect(await noticesFor(FOO)).toMatchObject([{ sid, accountId: ADA.id }]);
      const records = await allRows(given.stores.audit.pages({ account: 'ada', limit: 100 }));
      const ended = {
        kind: 'session ended',
        username: 'ada',
        accountId: ADA.id,
        detail: 'account removed',
      };
      expect(records.at(-1)).toMatchObject(ended);
    });
  });
}
