/** Both pages' Content-Security-Policies in Firefox are strict, and the pages don't violate them. */
import { describe, expect } from 'vitest';
import { ada } from '../administration.ts';
import { frame, violatePolicy } from '../forbidden.ts';
import { schemes, storiesOver } from './test.ts';

describe.each(schemes)('over %s', (scheme) => {
  const story = storiesOver(scheme);

  for (const [words, name] of [
    ['the page of an app', 'foo'],
    ['the account page', 'sso'],
  ] as const) {
    story(
      `${words} works under its Content-Security-Policy, which forbids everything else`,
      async ({ app, violations, site, foreignOrigin }) => {
        await (await app.open(site[name].origin)).signIn(ada);
        await app.signOut();
        expect(violations).toEqual([]);
        const elsewhere = (await foreignOrigin(scheme, 'sameSite')).origin;
        expect(await violatePolicy(app.page, elsewhere)).toBe(false);
        await expect
          .poll(() => violations.map(directiveOf).toSorted())
          .toEqual(['connect-src', 'script-src-elem', 'style-src-elem']);
        violations.length = 0;
      },
    );

    story(
      `no page of another origin can frame ${words}`,
      async ({ app, violations, site, foreignOrigin }) => {
        await app.open((await foreignOrigin(scheme, 'sameSite')).origin);
        await frame(app.page, site[name].origin);
        await expect.poll(() => violations.map(directiveOf)).toEqual(['frame-ancestors']);
        violations.length = 0;
      },
    );
  }
});

/** As Firefox names it: `… blocked an inline script (script-src-elem) from being executed because …`. */
function directiveOf(violation: string): string {
  return (
    /^Content-Security-Policy: .*?\(?(frame-ancestors|[a-z-]+-src(?:-elem)?)\b/.exec(violation)?.[1] ??
    violation
  );
}
