/** Records every violation of a Content-Security-Policy and every uncaught error of a page. */
import type { BrowserContext } from '@playwright/test';

/** @returns a growing list of violated directives with the blocked URIs, and of errors */
export async function watchForViolations(context: BrowserContext): Promise<string[]> {
  const violations: string[] = [];
  await context.exposeFunction('reportViolation', (violation: string) => void violations.push(violation));
  await context.addInitScript(() => {
    const { reportViolation } = globalThis as unknown as { reportViolation: (violation: string) => void };
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
      reportViolation(`${effectiveDirective} ${blockedURI}`),
    );
  });
  context.on('weberror', (error) => violations.push(`uncaught: ${error.error().message}`));
  return violations;
}
