/** Adds passkeys to accounts, and signs people in with them, as a browser and an authenticator would. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { PasskeyCreation } from '../../../apps/sso/src/account-page/passkey-schemas.ts';
import { ACCOUNT_PATHS } from '../../../apps/sso/src/account-page/paths.ts';
import {
  type Ceremony,
  type SoftwareAuthenticator,
  softwareAuthenticator,
} from '../webauthn/software-authenticator.ts';
import { send } from './account-requests.ts';
import { FOO, SSO, type TestService } from './test-service.ts';

export type SignInChanges = Partial<Ceremony> & { userHandle?: string | null };

/** Asks for the options with which the account page creates a passkey, or signs in with one. */
export function askForOptions(
  app: FastifyInstance,
  purpose: 'registration' | 'authentication',
  cookie?: string,
): Promise<LightMyRequestResponse> {
  const url = ACCOUNT_PATHS.passkeyChallenge;
  return send(app, { method: 'POST', url, body: { purpose }, ...(cookie && { cookie }) });
}

/** The options with which the account page creates a passkey. */
export async function creationOptions(app: FastifyInstance, cookie: string): Promise<PasskeyCreation> {
  return (await askForOptions(app, 'registration', cookie)).json();
}

/** Sends a new passkey of the account page. */
export async function register(
  app: FastifyInstance,
  cookie: string,
  authenticator: SoftwareAuthenticator,
  changes: Partial<Ceremony> = {},
): Promise<LightMyRequestResponse> {
  const { publicKey } = await creationOptions(app, cookie);
  const { challenge, user } = publicKey;
  const credential = authenticator.create({ challenge, origin: SSO, user, ...changes });
  return await sendPasskey(app, cookie, credential);
}

export function sendPasskey(
  app: FastifyInstance,
  cookie: string,
  credential: object,
  name = 'My phone',
): Promise<LightMyRequestResponse> {
  const body = { name, credential };
  return send(app, { method: 'POST', url: ACCOUNT_PATHS.passkeys, cookie, body });
}

/** Adds a passkey to the account of a session that is younger than 10 minutes. */
export async function addPasskey(
  app: FastifyInstance,
  cookie: string,
  authenticator = softwareAuthenticator(),
): Promise<SoftwareAuthenticator> {
  const response = await register(app, cookie, authenticator);
  if (response.statusCode !== 201) throw new Error(`the passkey wasn't added: ${response.body}`);
  return authenticator;
}

/** A challenge for signing in at an app. */
export async function challengeFor({ post }: Pick<TestService, 'post'>, origin = FOO): Promise<string> {
  return (await post({ request: 'passkey challenge' }, { origin })).json().publicKey.challenge;
}

export function passkeyLogin(
  { post }: Pick<TestService, 'post'>,
  credential: object,
  more: Parameters<TestService['post']>[1] = {},
): Promise<LightMyRequestResponse> {
  return post({ request: 'passkey login', credential }, more);
}

/** Signs in at foo. */
export async function signInWith(
  service: Pick<TestService, 'post'>,
  authenticator: SoftwareAuthenticator,
  changes: SignInChanges = {},
  more: Parameters<TestService['post']>[1] = {},
): Promise<LightMyRequestResponse> {
  const challenge = await challengeFor(service);
  return await passkeyLogin(service, authenticator.get({ challenge, origin: FOO, ...changes }), more);
}
