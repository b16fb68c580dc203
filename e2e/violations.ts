/** Records every violation of a Content-Security-Policy and every uncaught error of a page. */
import type { BrowserContext } from '@playwright/test';

/** The violated directive and the blocked URI, or the error. */
export type Violation = string;

export async function watchForViolations(context: BrowserContext): Promise<Violation[]> {
  const violations: Violation[] = [];
  await context.exposeFunction('reportViolation', (violation: Violation) => void violations.push(violation));
  await context.addInitScript(() => {
    const { reportViolation } = globalThis as unknown as { reportViolation: (violation: string) => void };
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
      reportViolation(`${effectiveDirective} ${blockedURI}`),
    );
  });
  context.on('weberror', (error) => violations.push(`uncaught: ${error.error().message}`));
  return violations;
}
