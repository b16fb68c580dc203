/** The guarantees for rows with a limited life: client assertions, and purging. */
import { expect, test } from 'vitest';
import { assertionBy, at, FOO, type Given, LOREM, NO_REQUIREMENT, NOW } from './given.ts';

/** A clock that is set back this far makes no client assertion usable again. */
const HOUR_MS = 3_600_000;

export function boundedContract(given: Given): void {
  const { inParallel, startSession, issueToken, detailsOf } = given;

  test('accept a client assertion once, also in parallel calls and after a restart', async () => {
    const one = assertionBy(FOO);
    const accepted = await inParallel(20, (each) => each.clientAssertions.accept(one));
    expect(accepted.filter(Boolean)).toHaveLength(1);
    const restarted = await given.open();
    expect(await restarted.clientAssertions.accept(one)).toBe(false);
    expect(await restarted.clientAssertions.accept({ ...one, app: LOREM })).toBe(true);
    await restarted.close();
  });

  test('accept a client assertion once, even if its jti is a text that PostgreSQL can’t store', async () => {
    const texts = ['\0', '\0\0', '\ud800', '\u00e9', 'e\u0301', '\u{1f600}'.repeat(128)];
    for (const isNew of [true, false]) {
      for (const jti of texts) {
        expect(await given.stores.clientAssertions.accept(assertionBy(FOO, { jti })), jti).toBe(isNew);
      }
    }
  });

  test('purge in slices until nothing expired is left, and say whether there is more', async () => {
    for (let index = 0; index < 600; index += 1) {
      await given.stores.clientAssertions.accept({ app: FOO, jti: `assertion ${index}`, expiresAt: NOW });
    }
    const before = { now: NOW + HOUR_MS, failuresSince: 0, auditSince: 0 };
    expect(await given.stores.purgeExpired(before), 'a slice has at most 250 rows').toBe(true);
    for (let slices = 1; await given.stores.purgeExpired(before); slices += 1)
      expect(slices).toBeLessThan(600);
    expect(await given.stores.purgeExpired(before)).toBe(false);
    expect(await given.stores.clientAssertions.accept(assertionBy(FOO, { jti: 'assertion 599' }))).toBe(true);
  });

  test('purge everything that has expired, however many processes do it at once', async () => {
    for (let index = 0; index < 600; index += 1) {
      await given.stores.clientAssertions.accept({ app: FOO, jti: `assertion ${index}`, expiresAt: NOW });
    }
    const before = { now: NOW + HOUR_MS, failuresSince: 0, auditSince: NOW + 1 };
    await inParallel(4, async (each) => {
      while (await each.purgeExpired(before));
    });
    const accepted = await inParallel(600, (each, index) =>
      each.clientAssertions.accept(assertionBy(FOO, { jti: `assertion ${index}` })),
    );
    expect(accepted).toEqual(Array(600).fill(true));
  });

  test('purge expired rows, client assertions an hour later, and nothing else [T-OUTAGE-06]', async () => {
    const { sid } = await startSession({ endsAt: NOW + 20_000 });
    const token = await issueToken(sid);
    const old = assertionBy(FOO, { expiresAt: NOW + 1000 - HOUR_MS });
    const young = assertionBy(FOO, { expiresAt: NOW + 3000 - HOUR_MS });
    await given.stores.clientAssertions.accept(old);
    await given.stores.clientAssertions.accept(young);
    await given.stores.audit.add({ kind: 'key rotated' }, at(NOW - 1));
    const before = { now: NOW + 2000, failuresSince: NOW, auditSince: NOW };
    expect(await given.stores.purgeExpired(before)).toBe(false);
    expect(await given.stores.sessions.findBySid(sid)).not.toBeNull();
    expect(await given.stores.clientAssertions.accept({ ...old, expiresAt: NOW + 5000 })).toBe(true);
    expect(await given.stores.clientAssertions.accept({ ...young, expiresAt: NOW + 5000 })).toBe(false);
    const redeemed = await given.stores.tokens.redeem(
      token.hash,
      assertionBy(FOO),
      NO_REQUIREMENT,
      NOW - 1,
      at(NOW + 2000),
    );
    expect(redeemed).toMatchObject({ session: { sid } });
    expect(await detailsOf('key rotated')).toEqual([]);
    expect(await detailsOf('session started')).toHaveLength(1);
  });
}
