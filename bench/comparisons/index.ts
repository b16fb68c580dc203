/** Every comparison, in the order of the document. Each has a file of its own. */

import type { Plan } from '../rounds.ts';
import type { Table } from '../table.ts';
import { appSession } from './app-session.ts';
import { bytes } from './bytes.ts';
import { introspection } from './introspection.ts';
import { loginStatus } from './login-status.ts';
import { loginStatusPeers } from './login-status-peers.ts';
import { signIn } from './password-sign-in.ts';
import { preflight } from './preflight.ts';
import { scale } from './scale.ts';
import { browser } from './second-app.ts';
import { token } from './token.ts';
import { underSignIns } from './under-sign-ins.ts';

export type Name = keyof typeof comparisons;

export type ComparisonEntry = {
  readonly title: string;
  readonly run: (plan: Plan) => Promise<Table>;
  /** Whether `--quick` runs it. */
  readonly isQuick: boolean;
};

export const comparisons = {
  preflight: { title: 'The preflight', run: preflight, isQuick: false },
  'login-status': { title: 'Step 2: who is signed in?', run: loginStatus, isQuick: false },
  'login-status-peers': { title: 'Step 2 beside other products', run: loginStatusPeers, isQuick: true },
  token: { title: 'Step 3: a token', run: token, isQuick: false },
  'app-session': { title: 'Step 4: an app session', run: appSession, isQuick: false },
  introspection: { title: 'The introspection of step 4', run: introspection, isQuick: true },
  'sign-in': { title: 'Step 5: sign-ins per second', run: signIn, isQuick: false },
  'under-sign-ins': { title: 'Steps 2 and 3 while 32 people sign in', run: underSignIns, isQuick: false },
  scale: { title: 'A thousand and a million SSO sessions', run: scale, isQuick: false },
  browser: { title: 'Until a second app knows the person', run: browser, isQuick: false },
  bytes: { title: 'What a page downloads', run: bytes, isQuick: true },
} satisfies Record<string, ComparisonEntry>;
