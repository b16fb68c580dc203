/** `key list`, `rotate` and `retire`: the keys that the SSO service signs with. What becomes of them is the key ring's. */

import { type ListedKey, listKeys, retireKey, rotateKey } from '@samesite-sso/core';
import { LOGOUT_TOKEN_SECONDS } from '@samesite-sso/protocol';
import {
  databasePath,
  type Environment,
  optional,
  readEnvironment,
  required,
  seconds,
} from '@samesite-sso/server';
import type { AuditEvent } from '../storage/audit-store.ts';
import { command } from './command.ts';
import { existingDatabase, operatorContext, withStoresIn } from './operator.ts';
import { second, table } from './table.ts';

const environment = ['SSO_DATABASE', 'SSO_TOKEN_SECONDS'] as const;

export const keyList = command({
  name: 'key list',
  takes: [],
  options: {},
  environment,
  purpose: 'list the signing keys, the newest first',
  details:
    'A key is `next` while it is published and does not sign yet, `signing`, `retiring` while something that it\n' +
    'signed may be alive, and `retired` when it is published no longer.',
  example: 'key list',
  async run(environment) {
    const { database, times } = readKeyEnvironment(environment);
    const keys = listKeys(database, times);
    const rows = keys.map(({ kid, state, born, signsFrom, publishedUntil }) => [
      kid,
      state,
      second(Number(born)),
      second(Number(signsFrom)),
      publishedUntil && second(Number(publishedUntil)),
    ]);
    return { text: table(['KID', 'STATE', 'BORN', 'SIGNS FROM', 'PUBLISHED UNTIL'], rows), json: keys };
  },
});

export const keyRotate = command({
  name: 'key rotate',
  takes: [],
  options: { now: { purpose: 'sign with the new key at once: for when the present one has leaked' } },
  environment,
  purpose: 'add a key, which is published at once and signs when every cache has it',
  details:
    'That is some five minutes later; nobody notices, and the running SSO service needs no restart. With --now an\n' +
    'app may refuse sign-ins for a second, until it has fetched the keys again.',
  example: 'key rotate',
  async run(environment, _taken, { now: atOnce = false }) {
    const { database, times } = readKeyEnvironment(environment);
    const key = await recorded(
      database,
      () => rotateKey(database, { atOnce, ...times }),
      ({ kid }) => ({ kind: 'key rotated', detail: atOnce ? `${kid}, at once` : kid }),
    );
    const { kid, signsFrom } = key;
    const from = atOnce
      ? 'it signs from now on'
      : `published now, it signs from ${second(Number(signsFrom))}`;
    return { text: `Added the key ${kid}: ${from}.\n`, json: key };
  },
});

export const keyRetire = command({
  name: 'key retire',
  takes: ['KID'],
  options: {},
  environment,
  purpose: 'publish a key no longer: for one that has leaked',
  details:
    'What it signed is refused as soon as the apps fetch the keys again: within five minutes, or when they are\n' +
    'restarted. A key that was merely replaced retires by itself. The one that signs cannot be retired: rotate first.',
  example: 'key retire 4Zb1VqzN0Xq8S0kqk0hK0hqv1c8i8m0wJk7Tq0y0m1E',
  async run(environment, [kid]) {
    const { database, times } = readKeyEnvironment(environment);
    const key = await recorded(
      database,
      async () => retireKey(database, kid, times),
      () => ({ kind: 'key retired', detail: kid }),
    );
    return { text: `Retired the key ${kid}: it is published no longer.\n`, json: key };
  },
});

function readKeyEnvironment(environment: Environment) {
  const { SSO_TOKEN_SECONDS, database } = readEnvironment(
    environment,
    { SSO_DATABASE: required(databasePath), SSO_TOKEN_SECONDS: optional(seconds, 0) },
    { database: ({ SSO_DATABASE }) => existingDatabase(SSO_DATABASE) },
  );
  // As the SSO service reckons: what its keys sign lives for so long.
  const tokenSeconds = Math.max(SSO_TOKEN_SECONDS, LOGOUT_TOKEN_SECONDS);
  return { database, times: { tokenSeconds } };
}

/** Changes the keys, and writes it to the audit trail: keys are no part of the database, so one after the other. */
async function recorded(
  database: string,
  change: () => Promise<ListedKey>,
  eventOf: (key: ListedKey) => AuditEvent,
): Promise<ListedKey> {
  listKeys(database); // Refuses where there are none, before the database is opened and brought to today's schema.
  return await withStoresIn(database, async (stores) => {
    const key = await change();
    await stores.audit.add(eventOf(key), operatorContext());
    return key;
  });
}
