/** Hears every breach of a Content-Security-Policy, and every error that a page did not catch. */
import type { BrowserContext } from '@playwright/test';

/** The directive that was broken and by what, or the error. */
export type Violation = string;

export async function watchForViolations(context: BrowserContext): Promise<Violation[]> {
  const violations: Violation[] = [];
  await context.exposeFunction('tellViolation', (violation: Violation) => void violations.push(violation));
  await context.addInitScript(() => {
    const { tellViolation } = globalThis as unknown as { tellViolation: (violation: string) => void };
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
      tellViolation(`${effectiveDirective} ${blockedURI}`),
    );
  });
  context.on('weberror', (error) => violations.push(`uncaught: ${error.error().message}`));
  return violations;
}
