/**
 * Passkeys in Firefox, which has no simulated authenticator: whether it accepts the RP ID of the site, and
 * what the pages do without a passkey. Compare ../stories/passkeys.spec.ts.
 */
import { describe, expect } from 'vitest';
import { ada } from '../administration.ts';
import { schemes, storiesOver } from './test.ts';

/** Whether the browser would ask the person for a passkey of this RP ID. If not, it says so at once. */
function isAccepted(rpId: string): Promise<boolean> {
  const publicKey = { challenge: new Uint8Array(32), rpId };
  return navigator.credentials.get({ publicKey, signal: AbortSignal.timeout(500) }).then(
    () => true,
    (error) => error.name !== 'SecurityError',
  );
}

describe.each(schemes)('over %s', (scheme) => {
  const story = storiesOver(scheme);

  story(
    'a page may use the RP ID of its site, and none of a sibling or the parent [T-PASSKEY-07]',
    async ({ app, foreignOrigin }) => {
      // Not an app's page: that would ask as well, for its autofill, and a browser answers one at a time.
      const { page } = await app.open((await foreignOrigin(scheme, 'sameSite')).origin);
      expect(await page.evaluate(isAccepted, 'example.localhost')).toBe(true);
      for (const rpId of ['localhost', 'sso.example.localhost', 'example.com']) {
        expect(await page.evaluate(isAccepted, rpId)).toBe(false);
      }
    },
  );

  story('a person who was asked for a passkey signs in with the password instead', async ({ app, site }) => {
    await app.open(site.foo.origin);
    await app.click('button', 'Sign in with a passkey');
    await app.signIn(ada);
  });
});
