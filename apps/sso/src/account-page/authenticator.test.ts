import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { addGrace, logInOnPage, overviewOf, send } from '../../../../test/support/sso/account-requests.ts';
import { allRows } from '../../../../test/support/sso/all-rows.ts';
import { addPasskey, signInWith } from '../../../../test/support/sso/passkey-requests.ts';
import { sealingKeysOf } from '../../../../test/support/sso/sealing-keys.ts';
import { ADA, cookieOf, PASSWORD, testService } from '../../../../test/support/sso/test-service.ts';
import { addAuthenticator, codeAt, decodeBase32, wrongCode } from '../../../../test/support/sso/totp-app.ts';
import { ACCOUNT_PATHS } from './paths.ts';

const MINUTE_MS = 60_000;

async function accountPage() {
  const service = await testService({ sealing: sealingKeysOf() });
  const { app, clock } = service;
  const to = (url: string) => ({
    create: (cookie: string) => send(app, { method: 'POST', url, cookie, body: {} }),
    confirm: (cookie: string, code: string) => send(app, { method: 'PUT', url, cookie, body: { code } }),
    remove: (cookie: string) => send(app, { method: 'DELETE', url, cookie }),
  });
  const signIn = async (code: string) =>
    cookieOf(await logInOnPage(app, { username: 'ada', password: PASSWORD, code }));
  const factorsOf = async (cookie: string) => (await overviewOf(app, cookie)).factors;
  const changesOf = async (cookie: string) => (await overviewOf(app, cookie)).factorChanges;
  return {
    ...service,
    authenticator: to(ACCOUNT_PATHS.authenticator),
    recoveryCodes: to(ACCOUNT_PATHS.recoveryCodes),
    signIn,
    factorsOf,
    changesOf,
    codeNow: (secret: string) => codeAt(secret, clock.now),
  };
}

const NONE = { passkeys: [], authenticator: false, recoveryCodes: 0 };

describe('adding an authenticator app', () => {
  test('shows its secret, and the account goes on without it until a code is confirmed', async () => {
    const { authenticator, logIn, factorsOf, changesOf, post } = await accountPage();
    const cookie = await logIn();
    const answer = await authenticator.create(cookie);
    expect(answer.statusCode).toBe(201);
    const { secret, uri } = answer.json();
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(uri).toBe(
      `otpauth://totp/example.localhost:ada?secret=${secret}&issuer=example.localhost` +
        '&algorithm=SHA1&digits=6&period=30',
    );
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(await factorsOf(cookie)).toEqual(NONE);
    expect(await changesOf(cookie)).toEqual([]);
    const login = await post({ request: 'login', username: 'ada', password: PASSWORD });
    expect(login.statusCode).toBe(200);
  });

  test('is completed by its first code, which shows ten recovery codes', async () => {
    const { authenticator, logIn, factorsOf, changesOf, codeNow, clock } = await accountPage();
    const cookie = await logIn();
    const { secret } = (await authenticator.create(cookie)).json();
    const answer = await authenticator.confirm(cookie, codeNow(secret));
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(new Set(answer.json().recoveryCodes).size).toBe(10);
    expect(await factorsOf(cookie)).toEqual({ ...NONE, authenticator: true, recoveryCodes: 10 });
    const at = new Date(clock.now).toISOString();
    expect(await changesOf(cookie)).toEqual([{ kind: 'authenticator added', detail: null, at }]);
  });

  test('ends all other sessions, and makes this one’s sign-in no stronger [T-CODE-07]', async () => {
    const service = await accountPage();
    const { app, logIn, recoveryCodes, stores } = service;
    const [other, own] = [await logIn(), await logIn()];
    await addAuthenticator(service, own);
    const overview = await send(app, { method: 'GET', url: ACCOUNT_PATHS.overview, cookie: other });
    expect(overview.json()).toEqual({ status: 'signed out' });
    const sessions = await allRows(stores.sessions.pages());
    expect(sessions).toMatchObject([{ amr: ['pwd'] }]);
    const refused = await recoveryCodes.create(own);
    expect(refused.statusCode).toBe(401);
    expect(refused.json()).toMatchObject({ code: 'reauthentication-required', methods: ['code'] });
  });

  test('ends no other session of an account with a passkey', async () => {
    const service = await accountPage();
    const passkey = await addPasskey(service.app, await service.logIn());
    const [other, own] = [await signInWith(service, passkey), await signInWith(service, passkey)];
    await addAuthenticator(service, cookieOf(own));
    expect(await service.factorsOf(cookieOf(other))).toMatchObject({ authenticator: true });
  });

  test('belongs to one session: another one of the account can’t complete it [T-CODE-07]', async () => {
    const { authenticator, logIn, factorsOf, codeNow } = await accountPage();
    const [own, other] = [await logIn(), await logIn()];
    const { secret } = (await authenticator.create(own)).json();
    const refused = await authenticator.confirm(other, codeNow(secret));
    expect([refused.statusCode, refused.json().code]).toEqual([404, 'not-found']);
    expect((await authenticator.remove(other)).json().code).toBe('not-found');
    expect(await factorsOf(own)).toEqual(NONE);
    expect((await authenticator.confirm(own, codeNow(secret))).statusCode).toBe(200);
  });

  test('is refused for 15 minutes after ten wrong codes, each of which is recorded [T-CODE-03]', async () => {
    const { authenticator, logIn, factorsOf, codeNow, clock, stores } = await accountPage();
    const cookie = await logIn();
    const { secret } = (await authenticator.create(cookie)).json();
    const wrong = wrongCode(secret, clock.now);
    const codes: string[] = [];
    for (let count = 0; count < 11; count += 1) {
      codes.push((await authenticator.confirm(cookie, wrong)).json().code);
    }
    expect(codes).toEqual([...Array(10).fill('invalid-code'), 'too-many-attempts']);
    const refused = await authenticator.confirm(cookie, codeNow(secret));
    expect(refused.json()).toMatchObject({ code: 'too-many-attempts', retryAfterSeconds: 900 });
    expect(await factorsOf(cookie)).toEqual(NONE);
    const detail = 'a wrong code, at the setup of an authenticator app';
    const [session] = await allRows(stores.sessions.pages());
    const failures = await allRows(stores.audit.pages({ kind: 'login failed', limit: 20 }));
    expect(failures).toHaveLength(10);
    expect(failures[0]).toMatchObject({ detail, accountId: ADA.id, sid: session?.sid });
  });

  test('is refused with a wrong code, and goes on with the right one', async () => {
    const { authenticator, logIn, factorsOf, codeNow, clock } = await accountPage();
    const cookie = await logIn();
    const { secret } = (await authenticator.create(cookie)).json();
    for (const code of [wrongCode(secret, clock.now), 'no code', '0']) {
      const refused = await authenticator.confirm(cookie, code);
      expect(refused.statusCode).toBe(401);
      expect(refused.json()).toMatchObject({ code: 'invalid-code' });
    }
    expect(await factorsOf(cookie)).toEqual(NONE);
    const code = codeNow(secret);
    const confirmed = await authenticator.confirm(cookie, `${code.slice(0, 3)} ${code.slice(3)}`);
    expect(confirmed.statusCode).toBe(200);
  });

  test('is possible for ten minutes', async () => {
    const { authenticator, logIn, factorsOf, codeNow, clock } = await accountPage();
    const cookie = await logIn();
    const { secret } = (await authenticator.create(cookie)).json();
    clock.now += 10 * MINUTE_MS;
    const refused = await authenticator.confirm(cookie, codeNow(secret));
    expect(refused.json()).toMatchObject({ code: 'not-found' });
    expect(await factorsOf(cookie)).toEqual(NONE);
  });

  test('is possible with the latest secret alone', async () => {
    const { authenticator, logIn, codeNow } = await accountPage();
    const cookie = await logIn();
    const first = (await authenticator.create(cookie)).json();
    const second = (await authenticator.create(cookie)).json();
    const refused = await authenticator.confirm(cookie, codeNow(first.secret));
    expect(refused.json()).toMatchObject({ code: 'invalid-code' });
    expect((await authenticator.confirm(cookie, codeNow(second.secret))).statusCode).toBe(200);
  });

  test('uses up its code, and no later one [T-CODE-01]', async () => {
    const { authenticator, logIn, signIn, codeNow, clock } = await accountPage();
    const cookie = await logIn();
    const { secret } = (await authenticator.create(cookie)).json();
    const earlier = codeAt(secret, clock.now - 30_000);
    expect((await authenticator.confirm(cookie, earlier)).statusCode).toBe(200);
    expect(await signIn(earlier)).toBe('');
    expect(await signIn(codeNow(secret))).not.toBe('');
  });

  test('isn’t offered by a service without sealing keys', async () => {
    const { app, logIn } = await testService();
    const cookie = await logIn();
    const request = { url: ACCOUNT_PATHS.authenticator, cookie };
    const answers = [
      await send(app, { ...request, method: 'POST', body: {} }),
      await send(app, { ...request, method: 'PUT', body: { code: '123456' } }),
      await send(app, { ...request, method: 'DELETE' }),
      await send(app, { ...request, method: 'POST', url: ACCOUNT_PATHS.recoveryCodes, body: {} }),
    ];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'not-found' });
    }
    expect(await overviewOf(app, cookie)).toMatchObject({ factors: NONE, canAddAuthenticator: false });
  });
});

describe('an authenticator app on the account page', () => {
  test.each(['the removal of the app', 'new recovery codes'])(
    'goes with its sessions: %s ends all others [T-CODE-07]',
    async (change) => {
      const service = await accountPage();
      const { authenticator, recoveryCodes, logIn, signIn, codeNow, clock, factorsOf } = service;
      const { secret } = await addAuthenticator(service, await logIn());
      const stolen = await signIn(codeNow(secret));
      clock.now += MINUTE_MS;
      const own = await signIn(codeNow(secret));
      const isRemoval = change === 'the removal of the app';
      const answer = isRemoval ? await authenticator.remove(own) : await recoveryCodes.create(own);
      expect(answer.statusCode).toBeLessThan(300);
      await expect(factorsOf(stolen)).rejects.toThrow('nobody is signed in');
      expect(await factorsOf(own)).toMatchObject({ authenticator: !isRemoval });
    },
  );

  test('is removed together with its recovery codes, and sign-ins need no code any more', async () => {
    const service = await accountPage();
    const { authenticator, logIn, signIn, factorsOf, changesOf, codeNow } = service;
    const { secret } = await addAuthenticator(service, await logIn());
    const cookie = await signIn(codeNow(secret));
    expect((await authenticator.remove(cookie)).statusCode).toBe(200);
    expect(await factorsOf(cookie)).toEqual(NONE);
    expect((await changesOf(cookie)).map(({ kind }) => kind)).toEqual([
      'authenticator removed',
      'authenticator added',
    ]);
    expect(await logIn()).not.toBe('');
    expect((await authenticator.remove(cookie)).json()).toMatchObject({ code: 'not-found' });
  });

  test('is replaced by another one, whose codes alone sign in from then on', async () => {
    const service = await accountPage();
    const { logIn, signIn, codeNow } = service;
    const first = await addAuthenticator(service, await logIn());
    const second = await addAuthenticator(service, await signIn(codeNow(first.secret)));
    expect(await signIn(codeNow(first.secret))).toBe('');
    expect(await signIn(first.recoveryCodes[0] ?? '')).toBe('');
    expect(await signIn(second.recoveryCodes[0] ?? '')).not.toBe('');
    expect(await signIn(codeNow(second.secret))).not.toBe('');
  });

  test('of another account with the same sealed secret doesn’t open [T-CODE-06]', async () => {
    const service = await accountPage();
    const { app, logIn, signIn, stores, config } = service;
    await addAuthenticator(service, await logIn());
    await addGrace(stores);
    const sqlite = new Sqlite(config.database);
    sqlite.exec(`INSERT INTO authenticator SELECT 'account-of-grace', sealed_secret, 0 FROM authenticator`);
    sqlite.close();
    const answer = await logInOnPage(app, { username: 'grace', password: PASSWORD, code: '123456' });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'internal-error' });
    expect(await signIn('123456')).toBe('');
  });

  test('leaves no secret and no recovery code in the database or its journal [T-CODE-06]', async () => {
    const service = await accountPage();
    const { logIn, stores, config } = service;
    const { secret, recoveryCodes } = await addAuthenticator(service, await logIn());
    const folder = path.dirname(config.database);
    const files = readdirSync(folder).filter((name) => name.startsWith('sso.sqlite'));
    const written = Buffer.concat(files.map((name) => readFileSync(path.join(folder, name))));
    expect(written.includes((await stores.factors.findAuthenticator(ADA.id))?.sealedSecret ?? '?')).toBe(
      true,
    );
    for (const code of recoveryCodes) {
      expect(written.includes(code) || written.includes(code.replaceAll('-', ''))).toBe(false);
    }
    expect(written.includes(secret)).toBe(false);
    expect(written.includes(decodeBase32(secret))).toBe(false);
  });
});

describe('new recovery codes', () => {
  test('void the earlier ones', async () => {
    const service = await accountPage();
    const { recoveryCodes, logIn, signIn, factorsOf, changesOf } = service;
    const { recoveryCodes: earlier } = await addAuthenticator(service, await logIn());
    const cookie = await signIn(earlier[0] ?? '');
    expect(await factorsOf(cookie)).toMatchObject({ recoveryCodes: 9 });
    const answer = await recoveryCodes.create(cookie);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers['cache-control']).toBe('no-store');
    const codes: string[] = answer.json().recoveryCodes;
    expect(new Set([...codes, ...earlier]).size).toBe(20);
    expect(await factorsOf(cookie)).toMatchObject({ recoveryCodes: 10 });
    expect((await changesOf(cookie))[0]?.kind).toBe('recovery codes replaced');
    expect(await signIn(earlier[1] ?? '')).toBe('');
    expect(await signIn(codes[0] ?? '')).not.toBe('');
  });

  test('are refused without an authenticator app', async () => {
    const { recoveryCodes, logIn, factorsOf } = await accountPage();
    const cookie = await logIn();
    expect((await recoveryCodes.create(cookie)).json()).toMatchObject({ code: 'not-found' });
    expect(await factorsOf(cookie)).toEqual(NONE);
  });
});

test('changes of factors are shown for 90 days, however often somebody signs in [T-CODE-08]', async () => {
  const service = await accountPage();
  const { logIn, signIn, changesOf, codeNow, clock } = service;
  const { secret } = await addAuthenticator(service, await logIn());
  const addedAt = clock.now - MINUTE_MS; // Then `addAuthenticator` let its code age.
  for (const day of [1, 30, 60, 90]) {
    clock.now = addedAt + day * 24 * 60 * MINUTE_MS;
    const cookie = await signIn(codeNow(secret));
    expect((await changesOf(cookie)).map(({ kind }) => kind)).toEqual(['authenticator added']);
  }
  clock.now += MINUTE_MS;
  expect(await changesOf(await signIn(codeNow(secret)))).toEqual([]);
});

test('an added factor is shown, however many changes follow [T-CODE-08]', async () => {
  const service = await accountPage();
  const { logIn, signIn, recoveryCodes, changesOf, codeNow, clock } = service;
  const { secret } = await addAuthenticator(service, await logIn());
  const cookie = await signIn(codeNow(secret));
  for (let count = 0; count < 12; count += 1) {
    clock.now += 1000;
    expect((await recoveryCodes.create(cookie)).statusCode).toBe(201);
  }
  expect((await changesOf(cookie)).map(({ kind }) => kind)).toEqual([
    'recovery codes replaced',
    'authenticator added',
  ]);
});
