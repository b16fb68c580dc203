/**
 * The SSO service in production, as docs/operations.md says to run it: it has no account until one is added,
 * and takes the client's address from the proxy. The requests here are those that the proxy would pass on.
 */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoAccounts } from '../../site/demo-accounts.ts';
import { composeProject } from './compose.ts';
import { PRODUCTION_FILE } from './compose-rules.ts';
import { scanProduction } from './scan.ts';

const app = 'https://app.example.com';
const joan = { username: 'joan', password: 'bombes in the night' };
const clientAddress = '198.51.100.7';

export async function checkProduction(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'production-'));
  chmodSync(folder, 0o755); // The container's user reads the registry.
  const registry = join(folder, 'apps.json');
  writeFileSync(registry, JSON.stringify([{ origin: app, name: 'App' }]), { mode: 0o644 });
  const project = composeProject('sso-production-e2e', [PRODUCTION_FILE], {
    SSO_ORIGIN: 'https://sso.example.com',
    SSO_APPS_FILE: registry,
    SSO_TRUSTED_PROXIES: '172.31.255.249',
  });
  const { compose, outputOf } = project;
  const sso = (command: readonly string[], input = '') =>
    outputOf(['exec', '-T', 'sso', 'samesite-sso', ...command], input);
  try {
    compose('down', '--volumes');
    compose('up', '--build', '--detach', '--wait');
    scanProduction(project);
    for (const { username, password } of [...demoAccounts, joan]) {
      assert.equal((await logIn({ username, password })).status, 401, username);
    }
    sso(['account', 'add', joan.username, '--name', 'Joan Clarke', '--password-stdin'], joan.password);
    const login = await logIn(joan);
    assert.equal(login.status, 200);
    assert.match(login.headers.get('set-cookie') ?? '', /^__Host-sso=/);
    const sessions: { address: string }[] = JSON.parse(sso(['session', 'list', joan.username, '--json']));
    assert.deepEqual(
      sessions.map(({ address }) => address),
      [clientAddress],
    );
    console.log('In production only the account that was added can sign in.');
  } finally {
    compose('down', '--volumes');
    rmSync(folder, { recursive: true });
  }
}

/** Step 5, as a proxy that ends TLS passes it on. */
function logIn(person: { username: string; password: string }): Promise<Response> {
  return fetch('http://127.0.0.1:4000/', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Origin: app,
      'X-Forwarded-For': clientAddress,
      'X-Forwarded-Proto': 'https',
    },
    body: JSON.stringify({ request: 'login', ...person }),
  });
}
