/**
 * The attacker asks for challenges and sends assertions. They want to know who has a passkey, or to fill the
 * database.
 */
import { expect, test } from 'vitest';
import { databaseState } from '../support/database-state.ts';
import { addPasskey, askForOptions, passkeyLogin, signInWith } from '../support/sso/passkey-requests.ts';
import { ADA, cookieOf, OPERATOR, SSO, testService } from '../support/sso/test-service.ts';
import { FLAGS, softwareAuthenticator } from '../support/webauthn/software-authenticator.ts';

const CHALLENGE = { request: 'passkey challenge' };

test('the options say nothing about an account, whether or not it has a passkey [T-PASSKEY-14]', async () => {
  const { app, post, logIn } = await testService();
  const optionsOf = async () => {
    const answers = [
      await post(CHALLENGE),
      await post(CHALLENGE, { cookie: await logIn() }),
      await askForOptions(app, 'authentication'),
    ];
    return answers.map((answer) => ({ ...answer.json().publicKey, challenge: '' }));
  };
  const before = await optionsOf();
  expect(new Set(before.map((options) => JSON.stringify(options))).size).toBe(1);
  await addPasskey(app, await logIn());
  expect(await optionsOf()).toEqual(before);
});

test('every refusal of a passkey that an account has is the same [T-PASSKEY-14]', async () => {
  const service = await testService();
  const authenticator = await addPasskey(service.app, await service.logIn());
  const attempts = [
    { flags: FLAGS.UP },
    { rpId: 'localhost' },
    { userHandle: null },
    { challenge: 'AAAA' },
    { origin: SSO },
    { clientData: { crossOrigin: true } },
  ];
  const answers = [];
  for (const changes of attempts) answers.push(await signInWith(service, authenticator, changes));
  await service.stores.accounts.disable(ADA.id, OPERATOR);
  answers.push(await signInWith(service, authenticator));
  const stranger = softwareAuthenticator().get({ challenge: 'AAAA', origin: SSO });
  answers.push(await passkeyLogin(service, stranger));
  const texts = answers.map(({ statusCode, headers, body }) => {
    const { date: _date, ...others } = headers;
    return JSON.stringify([statusCode, others, body]);
  });
  expect(new Set(texts).size).toBe(1);
  expect(answers[0]?.statusCode).toBe(401);
  expect(answers.every((answer) => cookieOf(answer) === '')).toBe(true);
});

test('a thousand challenges change no row [T-PASSKEY-15]', async () => {
  const { app, post, config } = await testService();
  const before = await databaseState({ sso: config.database });
  for (let count = 0; count < 500; count += 1) {
    expect((await post(CHALLENGE)).statusCode).toBe(200);
    expect((await askForOptions(app, 'authentication')).statusCode).toBe(200);
  }
  expect(await databaseState({ sso: config.database })).toEqual(before);
});
