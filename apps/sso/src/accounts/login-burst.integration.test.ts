/** Everybody signs in at once after an import, against a real queue of slow hashes. */
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { hashSync } from 'bcryptjs';
import { expect, test } from 'vitest';
import { runProgram } from '../../../../test/support/sso/run-program.ts';
import { running } from '../../../../test/support/sso/running-service.ts';
import { FOO, PASSWORD } from '../../../../test/support/sso/test-service.ts';

const PEOPLE = 34;
/** A page waits this long. */
const REQUEST_TIMEOUT_MS = 5000;

interface Outcome {
  status: number | undefined;
  retryAfter: string | undefined;
  body: unknown;
}

/** Signs in from a separate address, and gives up after as long as a page does. */
function logIn(url: string, person: number): Promise<Outcome | 'gave up'> {
  return new Promise((resolve) => {
    const sent = request(url, {
      method: 'POST',
      localAddress: `127.0.1.${person}`,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      headers: { Origin: FOO, 'Content-Type': 'application/json' },
    });
    sent.on('error', () => resolve('gave up'));
    sent.on('response', async (response) => {
      const { statusCode: status, headers } = response;
      resolve({ status, retryAfter: headers['retry-after'], body: await json(response) });
    });
    sent.end(JSON.stringify({ request: 'login', username: `p${person}`, password: PASSWORD }));
  });
}

test('slow sign-ins in a burst end in time and leave no orphaned session [T-GUESS-10]', async () => {
  const { url, variables } = await running();
  const passwordHash = hashSync(PASSWORD, 11);
  const line = (_: unknown, index: number) =>
    JSON.stringify({ username: `p${index + 1}`, displayName: 'P', passwordHash });
  const people = Array.from({ length: PEOPLE }, line).join('\n');
  expect(await runProgram('cli.ts', ['account', 'import', '-'], variables, people)).toMatchObject({
    status: 0,
  });

  const outcomes = await Promise.all(Array.from({ length: PEOPLE }, (_, index) => logIn(url, index + 1)));
  const answers = outcomes.filter((outcome) => outcome !== 'gave up');
  expect(answers).toHaveLength(PEOPLE);
  const signedIn = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status === 503);
  expect(signedIn.length).toBeGreaterThan(0);
  expect(signedIn.length + refused.length).toBe(PEOPLE);
  for (const { retryAfter, body } of refused) {
    expect(body).toMatchObject({ code: 'overloaded', retryAfterSeconds: Number(retryAfter) });
  }
  const { stdout } = await runProgram('cli.ts', ['session', 'list', '--json'], variables);
  expect(JSON.parse(stdout)).toHaveLength(signedIn.length);
}, 60_000);
