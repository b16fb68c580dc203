/** What is installed: the manifest of every package in pnpm's store in node_modules, as it was published. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { workspace } from '../../node24.mjs';

export type Installed = {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly gypfile?: boolean;
  /** Whether it brings a recipe for a compiler. */
  readonly hasRecipe: boolean;
};

/** By `name@version`. */
export function readInstalled(): Map<string, Installed> {
  const store = join(workspace, 'node_modules/.pnpm');
  const files = globSync('*/node_modules/{*,@*/*}/package.json', { cwd: store }).map((file) =>
    join(store, file),
  );
  const packages = files.map((file): Installed => {
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    return { ...manifest, hasRecipe: existsSync(join(dirname(file), 'binding.gyp')) };
  });
  return new Map(packages.map((manifest) => [`${manifest.name}@${manifest.version}`, manifest]));
}
