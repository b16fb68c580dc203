/** `kill -9` in the middle of a storm: whatever the SSO service or an app has acknowledged is true ever after. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runningSite } from '../support/process-site.ts';
import { AppStorm } from './app-storm.ts';
import { isSound, tellsWhatIs } from './invariants.ts';
import { Chance, isLong } from './seeded-random.ts';
import { SsoStorm } from './sso-storm.ts';

const CRASHES = isLong ? 200 : 20;
/** What is refused after a crash is then refused because it is spent or has ended. */
const LIVING_ON = { sso: { SSO_TOKEN_SECONDS: '3600' }, foo: { APP_SESSION_SECONDS: '36000' } };

test('the SSO service keeps every word it gave, however often it is killed', async () => {
  const chance = new Chance();
  const site = await runningSite({ environment: LIVING_ON });
  const said = vi.spyOn(process.stderr, 'write');
  onTestFinished(() => said.mockRestore());
  const storm = new SsoStorm(site, chance);
  for (let crash = 1; crash <= CRASHES; crash += 1) {
    await storm.gather();
    await storm.rageUntil(
      () => aMoment(storm, chance),
      () => site.sso.kill(),
    );
    await site.sso.start();
    await storm.held();
    isSound(site.databaseOf('sso'));
    tellsWhatIs(site.databaseOf('sso'));
  }
  await storm.settled();
  console.log(`${CRASHES} crashes: ${storm.summary}.`);
  expect(storm.summary).not.toMatch(/\b0 /);
  expect(said.mock.calls, 'what outlives it, such as its hasher, ends without a word').toEqual([]);
});

test('an app keeps every word it gave, however often it is killed', async () => {
  const chance = new Chance();
  const site = await runningSite({ environment: LIVING_ON });
  const storm = new AppStorm(site, chance);
  for (let crash = 1; crash <= CRASHES; crash += 1) {
    await storm.gather();
    await storm.rageUntil(
      () => aMoment(storm, chance),
      () => site.foo.kill(),
    );
    await site.foo.start();
    await storm.held();
    isSound(site.databaseOf('foo'));
  }
  await storm.settled();
  console.log(`${CRASHES} crashes: ${storm.summary}.`);
  expect(storm.summary).not.toMatch(/\b0 /);
});

/** After so many answers that they are under way in every way, and then at any point between two of them. */
async function aMoment(storm: SsoStorm | AppStorm, chance: Chance): Promise<void> {
  await storm.acts(chance.below(60));
  await delay(chance.below(20));
}
