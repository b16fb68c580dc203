/** Apps of a registry, for tests that don't care what an app requires. */
import type { RegisteredApp } from '../../../apps/sso/src/registry/read-registry.ts';
import { NO_REQUIREMENT } from '../accounts.ts';

export type AppSettings = Pick<RegisteredApp, 'origin' | 'name' | 'server'> & Partial<RegisteredApp>;

/** An app that everybody may use, unless the settings say otherwise. */
export function registeredApp(settings: AppSettings): RegisteredApp {
  return { ...NO_REQUIREMENT, ...settings };
}

/** What a registry file with these apps contains. No restriction is the absence of a member. */
export function registryText(apps: unknown): string {
  return JSON.stringify(apps, (_name, value) => value ?? undefined);
}
