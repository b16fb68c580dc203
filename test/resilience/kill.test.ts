/** `kill -9` under concurrent requests: whatever the SSO service or an app acknowledged stays true. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runningSite } from '../support/process-site.ts';
import { AppStorm } from './app-storm.ts';
import { expectIntegrity, expectTrueAuditTrail } from './invariants.ts';
import { byRunLength, SeededRandom } from './seeded-random.ts';
import { SsoStorm } from './sso-storm.ts';

const CRASHES = byRunLength({ short: 3, full: 20, long: 200 });
/** After a crash, a token or session is then refused only because it was redeemed or ended. */
const LONG_LIVED = { sso: { SSO_TOKEN_SECONDS: '3600' }, foo: { APP_SESSION_SECONDS: '36000' } };

test('what the SSO service acknowledged stays true, however often it is killed [T-CRASH-01]', async () => {
  const chance = new SeededRandom();
  const site = await runningSite({ environment: LONG_LIVED });
  const said = vi.spyOn(process.stderr, 'write');
  onTestFinished(() => said.mockRestore());
  const storm = new SsoStorm(site, chance);
  for (let crash = 1; crash <= CRASHES; crash += 1) {
    await storm.gatherPeople();
    await storm.runUntil(
      () => randomMoment(storm, chance),
      () => site.sso.kill(),
    );
    await site.sso.start();
    await storm.expectPromisesKept();
    expectIntegrity(site.databaseOf('sso'));
    expectTrueAuditTrail(site.databaseOf('sso'));
  }
  await storm.expectLastingEnds();
  console.log(`${CRASHES} crashes: ${storm.summary}.`);
  expect(storm.summary).not.toMatch(/\b0 /);
  expect(said.mock.calls, 'its hasher process ends without a message').toEqual([]);
});

test('what an app acknowledged stays true, however often the app is killed [T-CRASH-02]', async () => {
  const chance = new SeededRandom();
  const site = await runningSite({ environment: LONG_LIVED });
  const storm = new AppStorm(site, chance);
  for (let crash = 1; crash <= CRASHES; crash += 1) {
    await storm.gatherPeople();
    await storm.runUntil(
      () => randomMoment(storm, chance),
      () => site.foo.kill(),
    );
    await site.foo.start();
    await storm.expectPromisesKept();
    expectIntegrity(site.databaseOf('foo'));
  }
  await storm.expectLastingEnds();
  console.log(`${CRASHES} crashes: ${storm.summary}.`);
  expect(storm.summary).not.toMatch(/\b0 /);
});

/** Some answers later, when requests are under way, at any moment between two answers. */
async function randomMoment(storm: SsoStorm | AppStorm, chance: SeededRandom): Promise<void> {
  await storm.acts(chance.below(60));
  await delay(chance.below(20));
}
