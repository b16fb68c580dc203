/** Registers one more app at the SSO service, which reads its registry when it starts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StorySite } from './story-site.ts';

/** @param origin the app's, there for as long as `story` takes */
export async function withApp(
  { folder, sso }: StorySite,
  origin: string,
  story: () => Promise<void>,
): Promise<void> {
  const file = join(folder, 'apps.json');
  const registry = readFileSync(file, 'utf8');
  writeFileSync(file, JSON.stringify([...JSON.parse(registry), { origin, name: 'One more' }]));
  await sso.stop();
  await sso.start();
  await story();
  writeFileSync(file, registry);
  await sso.stop();
  await sso.start();
}
