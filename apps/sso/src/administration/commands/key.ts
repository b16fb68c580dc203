/** The key commands: the keys that the SSO service signs with. `key-rotation.ts` has the rules. */
import { type ListedKey, listKeys, retireKey, rotateKey } from '@samesite-sso/core';
import { LOGOUT_TOKEN_SECONDS } from '@samesite-sso/protocol';
import {
  databasePath,
  type Environment,
  optional,
  readEnvironment,
  required,
  seconds,
} from '@samesite-sso/server/config';
import type { AuditEvent } from '../../storage/audit-store.ts';
import { type AddCommands, existingDatabase, operatorContext, withStores } from '../command.ts';
import { formatSecond, table } from '../table.ts';

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
      const { database, times } = readKeyEnvironment(environment);
      const keys = listKeys(database, times);
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
    .description('publish a new key, which signs five minutes later, when every cache has it')
    .option('--now', 'sign with the new key at once, and drop a pending one: for when a key has leaked')
    .addHelpText(
      'after',
      `
People notice nothing, and the SSO service needs no restart.
With --now an app may refuse sign-ins for a second, until it has fetched the keys again.`,
    )
    .action(async ({ now: immediate = false }) => {
      const { database, times } = readKeyEnvironment(environment);
      const key = await changeKeys(
        database,
        () => rotateKey(database, { immediate, ...times }),
        ({ kid }) => ({ kind: 'key rotated', detail: immediate ? `${kid}, at once` : kid }),
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
      const { database, times } = readKeyEnvironment(environment);
      const key = await changeKeys(
        database,
        async () => retireKey(database, kid, times),
        () => ({ kind: 'key retired', detail: kid }),
      );
      await report(`Retired the key ${kid}: it is no longer published.\n`, key);
    });
};

function readKeyEnvironment(environment: Environment) {
  const { SSO_TOKEN_SECONDS, database } = readEnvironment(
    environment,
    { SSO_DATABASE: required(databasePath), SSO_TOKEN_SECONDS: optional(seconds, 0) },
    { database: ({ SSO_DATABASE }) => existingDatabase(SSO_DATABASE) },
  );
  // As in the SSO service: the longest lifetime of anything that its keys sign.
  const tokenSeconds = Math.max(SSO_TOKEN_SECONDS, LOGOUT_TOKEN_SECONDS);
  return { database, times: { tokenSeconds } };
}

/** Changes the keys, then writes the audit record: no transaction spans the key file and the database. */
async function changeKeys(
  database: string,
  change: () => Promise<ListedKey>,
  eventOf: (key: ListedKey) => AuditEvent,
): Promise<ListedKey> {
  listKeys(database); // Throws if there are no keys, before opening the database upgrades its schema.
  return await withStores(database, async (stores) => {
    const key = await change();
    await stores.audit.add(eventOf(key), operatorContext());
    return key;
  });
}
