/**
 * The account page's endpoints for passkeys. Passkeys are added and removed only on the SSO origin: the
 * service accepts no passkey that another page made.
 */
import { HttpProblem, withSchemas } from '@samesite-sso/core';
import type { FastifyInstance } from 'fastify';
import type { RecentSignInDependencies } from '../accounts/factors/recent-sign-in.ts';
import type { PasskeyAuthentication } from '../passkeys/passkey-authentication.ts';
import type { PasskeyRegistration } from '../passkeys/passkey-registration.ts';
import { readAddress } from '../sessions/client.ts';
import type { PasskeyStore } from '../storage/stores.ts';
import { queueChange } from './factor-routes.ts';
import {
  NamedPasskey,
  NewPasskey,
  PasskeyOptions,
  PasskeyOptionsRequest,
  PasskeyRegistrationRequest,
} from './passkey-schemas.ts';
import { ACCOUNT_PATHS } from './paths.ts';
import type { QueuedSessionDependencies } from './require-session.ts';
import { Done } from './schemas.ts';

export interface PasskeyDependencies extends QueuedSessionDependencies, RecentSignInDependencies {
  /** The SSO origin. */
  origin: string;
  passkeys: PasskeyStore;
  passkeyAuthentication: PasskeyAuthentication;
  passkeyRegistration: PasskeyRegistration;
}

export async function passkeyRoutes(scope: FastifyInstance, options: PasskeyDependencies): Promise<void> {
  const { origin, passkeys, passkeyAuthentication, passkeyRegistration, clock } = options;
  scope.post<{ Body: PasskeyOptionsRequest }>(
    ACCOUNT_PATHS.passkeyChallenge,
    withSchemas({ body: PasskeyOptionsRequest, response: PasskeyOptions }),
    async (request) => {
      const { purpose } = request.body;
      options.cookie.read(request); // Refuses two cookies.
      if (purpose === 'authentication') {
        return passkeyAuthentication.createOptions({ purpose: 'account authentication', origin });
      }
      return {
        publicKey: await queueChange(options, request, (session) =>
          passkeyRegistration.createOptions(session),
        ),
      };
    },
  );
  scope.post<{ Body: PasskeyRegistrationRequest }>(
    ACCOUNT_PATHS.passkeys,
    withSchemas({ body: PasskeyRegistrationRequest, response: NewPasskey }),
    async (request, reply) => {
      const added = await queueChange(options, request, (_session, own) =>
        passkeyRegistration.add(own, request.body, readAddress(request)),
      );
      reply.code(201);
      return added;
    },
  );
  scope.delete<{ Params: NamedPasskey }>(
    `${ACCOUNT_PATHS.passkeys}/:id`,
    withSchemas({ params: NamedPasskey, response: Done }),
    (request) =>
      queueChange(options, request, async (_session, own) => {
        const context = { at: clock(), actor: 'person', address: readAddress(request) };
        const isRemoved = await passkeys.remove(own, request.params.id, context);
        // The same response for another person's passkey as for one that doesn't exist.
        if (!isRemoved) throw new HttpProblem('not-found', { logReason: 'not a passkey of this account' });
        return {};
      }),
  );
}
