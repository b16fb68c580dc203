/** Every command there is, in the order of the help. */
import { accountAdd, accountList, accountRename, accountShow } from './account.ts';
import { accountDisable, accountEnable, accountRemove, accountSetPassword } from './account-access.ts';
import { accountImport } from './account-import.ts';
import { appCheck, appList } from './app.ts';
import { audit } from './audit.ts';
import { backup } from './backup.ts';
import type { Group } from './help.ts';
import { keyList, keyRetire, keyRotate } from './key.ts';
import { sessionEnd, sessionList } from './session.ts';
import { throttleLift, throttleList } from './throttle.ts';

export const GROUPS: readonly Group[] = [
  {
    name: 'account',
    purpose: 'People who can log in',
    commands: [
      accountAdd,
      accountList,
      accountShow,
      accountRename,
      accountDisable,
      accountEnable,
      accountSetPassword,
      accountRemove,
      accountImport,
    ],
  },
  { name: 'session', purpose: 'SSO sessions', commands: [sessionList, sessionEnd] },
  { name: 'throttle', purpose: 'Limits on failed sign-ins', commands: [throttleList, throttleLift] },
  { name: 'app', purpose: 'The apps of the site', commands: [appList, appCheck] },
  { name: 'key', purpose: 'Signing keys', commands: [keyList, keyRotate, keyRetire] },
  { name: 'audit', purpose: 'The audit trail', commands: [audit] },
  { name: 'backup', purpose: 'The database', commands: [backup] },
];
