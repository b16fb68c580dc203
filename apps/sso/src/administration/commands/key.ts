/** The key commands: the keys that the SSO service signs with. `key-rotation.ts` has the rules. */
import { listKeys, type ResealedKeys, retireKey, rotateKey } from '@samesite-sso/core';
import { LOGOUT_TOKEN_SECONDS } from '@samesite-sso/protocol';
import { type Environment, optional, readEnvironment, seconds } from '@samesite-sso/server/config';
import { type AddCommands, operatorContext } from '../command.ts';
import { resealSecrets } from '../reseal-secrets.ts';
import { changeSigningKeys, KEY_VARIABLES, toKeyPlace, withSigningKeys } from '../signing-keys.ts';
import { formatCount, formatSecond, table } from '../table.ts';

export const addKeyCommands: AddCommands = (group, { environment, report }) => {
  group
    .command('list')
    .description('list the signing keys, newest first')
    .addHelpText(
      'after',
      `
States:
  next      published, and signs later
  signing   signs now
  retiring  published for as long as something it signed is valid
  retired   no longer published`,
    )
    .action(async () => {
      const { place, times } = readKeyEnvironment(environment);
      const keys = await withSigningKeys(place, (store) => listKeys(store, times));
      const rows = keys.map(({ kid, state, createdAt, activeFrom, publishedUntil }) => [
        kid,
        state,
        formatSecond(Number(createdAt)),
        formatSecond(Number(activeFrom)),
        publishedUntil && formatSecond(Number(publishedUntil)),
      ]);
      await report(table(['KID', 'STATE', 'CREATED', 'ACTIVE FROM', 'PUBLISHED UNTIL'], rows), keys);
    });

  group
    .command('rotate')
    .description('publish a new key now, and sign with it after five or six minutes, when every cache has it')
    .option('--now', 'sign with the new key at once, and drop a pending one: for when a key has leaked')
    .addHelpText(
      'after',
      `
People notice nothing, and the SSO service needs no restart.
With --now an app may refuse sign-ins for a second, until it has fetched the keys again, or for a few seconds
if the SSO service has several instances.`,
    )
    .action(async ({ now: immediate = false }) => {
      const { place, times } = readKeyEnvironment(environment);
      const key = await changeSigningKeys(place, operatorContext(), (store) =>
        rotateKey(store, { immediate, ...times }),
      );
      const { kid, activeFrom } = key;
      const from = immediate
        ? 'it signs from now on'
        : `it is published now and signs from ${formatSecond(Number(activeFrom))}`;
      await report(`Added the key ${kid}: ${from}.\n`, key);
    });

  group
    .command('retire')
    .description('stop publishing a key that has leaked, and delete it')
    .argument('<kid>')
    .addHelpText(
      'after',
      `
Apps refuse what it signed as soon as they fetch the keys again: within five minutes, or when they restart.
A key that was only replaced retires by itself. The signing key can't be retired: rotate first.
Put -- before a kid that starts with a hyphen.`,
    )
    .action(async (kid) => {
      const { place, times } = readKeyEnvironment(environment);
      const key = await changeSigningKeys(place, operatorContext(), (store) => retireKey(store, kid, times));
      await report(`Retired the key ${kid}: it is no longer published.\n`, key);
    });

  group
    .command('reseal')
    .description('seal the secrets in the database with the first key in SSO_SEALING_KEY_FILE')
    .addHelpText(
      'after',
      `
The secrets are those of authenticator apps, the key that authenticates passkey challenges and, with
PostgreSQL, the signing keys. Afterwards, the other keys in the file are needed only for old backups.
docs/several-instances.md says how to change the sealing key while the SSO service runs.`,
    )
    .action(async () => {
      const { place } = readKeyEnvironment(environment);
      const { keys, authenticators } = await resealSecrets(place, operatorContext());
      const describe = ({ resealed, total }: ResealedKeys, noun: string) =>
        `Resealed ${resealed} of ${formatCount(total, noun)}: the first sealing key opens all of them.\n`;
      const ofKeys = keys === null ? '' : describe(keys, 'signing key');
      const ofAuthenticators =
        keys !== null && authenticators.total === 0 ? '' : describe(authenticators, 'authenticator app');
      await report(ofKeys + ofAuthenticators, { ...keys, authenticators });
    });
};

function readKeyEnvironment(environment: Environment) {
  const { SSO_TOKEN_SECONDS, place } = readEnvironment(
    environment,
    { ...KEY_VARIABLES, SSO_TOKEN_SECONDS: optional(seconds, 0) },
    { place: (values) => toKeyPlace(values) },
  );
  // As in the SSO service: the longest lifetime of anything that its keys sign.
  const tokenSeconds = Math.max(SSO_TOKEN_SECONDS, LOGOUT_TOKEN_SECONDS);
  return { place, times: { tokenSeconds } };
}
