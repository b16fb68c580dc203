/** `kill -9` under concurrent requests: nothing that the SSO service or an app acknowledged is lost. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runningSite } from '../support/process-site.ts';
import { AppConsistencyChecker } from './app-consistency-checker.ts';
import { expectIntegrity, expectTrueAuditTrail } from './invariants.ts';
import { byRunLength, SeededRandom } from './seeded-random.ts';
import { SsoConsistencyChecker } from './sso-consistency-checker.ts';

const CRASHES = byRunLength({ short: 3, full: 20, long: 200 });
/** Long enough that only a redemption or an end, not expiry, makes a token or session invalid. */
const LONG_LIVED = { sso: { SSO_TOKEN_SECONDS: '3600' }, foo: { APP_SESSION_SECONDS: '36000' } };

test('no acknowledged change is lost when the SSO service is killed repeatedly [T-CRASH-01]', async () => {
  const random = new SeededRandom();
  const site = await runningSite({ environment: LONG_LIVED });
  const said = vi.spyOn(process.stderr, 'write');
  onTestFinished(() => said.mockRestore());
  const checker = new SsoConsistencyChecker(site, random);
  for (let crash = 1; crash <= CRASHES; crash += 1) {
    await checker.gatherPeople();
    await checker.runUntil(
      () => randomMoment(checker, random),
      () => site.sso.end('SIGKILL'),
    );
    await site.sso.start();
    await checker.expectAcknowledgedChanges();
    expectIntegrity(site.databaseOf('sso'));
    expectTrueAuditTrail(site.databaseOf('sso'));
  }
  await checker.expectLastingEnds();
  console.log(`${CRASHES} crashes: ${checker.summary}.`);
  expect(checker.summary).not.toMatch(/, 0 /); // Sessions were active at every crash.
  expect(said.mock.calls, 'its hasher process ends without a message').toEqual([]);
});

test('no acknowledged change is lost when an app is killed repeatedly [T-CRASH-02]', async () => {
  const random = new SeededRandom();
  const site = await runningSite({ environment: LONG_LIVED });
  const checker = new AppConsistencyChecker(site, random);
  for (let crash = 1; crash <= CRASHES; crash += 1) {
    await checker.gatherPeople();
    await checker.runUntil(
      () => randomMoment(checker, random),
      () => site.foo.end('SIGKILL'),
    );
    await site.foo.start();
    await checker.expectAcknowledgedChanges();
    expectIntegrity(site.databaseOf('foo'));
  }
  await checker.expectLastingEnds();
  console.log(`${CRASHES} crashes: ${checker.summary}.`);
  expect(checker.summary).not.toMatch(/, 0 /); // Sessions were active at every crash.
});

/** Resolves after a few responses, at any moment between two of them, while requests are pending. */
async function randomMoment(
  checker: SsoConsistencyChecker | AppConsistencyChecker,
  random: SeededRandom,
): Promise<void> {
  await checker.acts(random.below(60));
  await delay(random.below(20));
}
