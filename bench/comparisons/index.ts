/** Every comparison, in the order of the document. Each has a file of its own. */
import type { Plan } from '../rounds.ts';
import type { Table } from '../table.ts';
import { appSession } from './app-session.ts';
import { bytes } from './bytes.ts';
import { introspection } from './introspection.ts';
import { loginStatus } from './login-status.ts';
import { loginStatusPeers } from './login-status-peers.ts';
import { passwordSignIn } from './password-sign-in.ts';
import { postgres } from './postgres.ts';
import { postgresConnections } from './postgres-connections.ts';
import { postgresSize } from './postgres-size.ts';
import { preflight } from './preflight.ts';
import { scale } from './scale.ts';
import { secondApp } from './second-app.ts';
import { token } from './token.ts';
import { underSignIns } from './under-sign-ins.ts';

export type ComparisonEntry = {
  readonly title: string;
  readonly run: (plan: Plan) => Promise<Table>;
};

export const comparisons: Readonly<Record<string, ComparisonEntry>> = {
  preflight: { title: 'The preflight', run: preflight },
  'login-status': { title: 'Step 2: who is signed in?', run: loginStatus },
  'login-status-peers': { title: 'Step 2 compared with other products', run: loginStatusPeers },
  token: { title: 'Step 3: a token', run: token },
  'app-session': { title: 'Step 4: an app session', run: appSession },
  introspection: { title: 'The introspection of step 4', run: introspection },
  'password-sign-in': { title: 'Step 5: sign-ins per second', run: passwordSignIn },
  'under-sign-ins': { title: 'Steps 2 and 3 while 32 people sign in', run: underSignIns },
  scale: { title: 'A thousand and a million SSO sessions', run: scale },
  postgres: { title: 'PostgreSQL compared with SQLite', run: postgres },
  'postgres-connections': {
    title: 'Step 3 on PostgreSQL, by connections and instances',
    run: postgresConnections,
  },
  'postgres-size': { title: 'The size of a PostgreSQL database', run: postgresSize },
  'second-app': { title: 'Time until a second app knows the person', run: secondApp },
  bytes: { title: 'What a page downloads', run: bytes },
};
