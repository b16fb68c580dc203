/**
 * The registered apps while the service runs. The registry file is read again when it changes and on request
 * (SIGHUP). A registry with an error changes nothing. Users of the registry look apps up when they need them,
 * and keep none, so that a change is in force from the next request on.
 */
import { stat } from 'node:fs/promises';
import { ConfigError } from '@samesite-sso/core';
import type { FastifyBaseLogger } from 'fastify';
import { type RegisteredApp, readRegistry } from './read-registry.ts';
import { describeChange, findChange, type RegistryChange } from './registry-change.ts';

interface AppRegistryOptions {
  file: string;
  ssoOrigin: string;
  /** What was read from the file at start. */
  apps: readonly RegisteredApp[];
  /** Warnings about these apps, which are logged already. */
  warnings: readonly string[];
  clock: () => number;
  log: Pick<FastifyBaseLogger, 'info' | 'warn'>;
}

interface ReadingCause {
  isRequested: boolean;
  isFileChanged: boolean;
}

export class AppRegistry {
  readonly #options: AppRegistryOptions;
  readonly #listeners: ((change: RegistryChange) => void)[] = [];
  /** The last servers of apps that were removed. */
  readonly #formerServers = new Map<string, string>();
  #appsByOrigin: ReadonlyMap<string, RegisteredApp>;
  #warnings: readonly string[];
  #loadedAt: number;
  /** The version of the file at the last poll. The first poll reads the file in any case. */
  #version = '';
  /** Whether the file was unchanged and valid at the poll after its last change. */
  #isSettled = false;
  /** Why the file couldn't be used at the last reading; empty if it could. */
  #fault = '';
  #isFaultLogged = false;

  constructor(options: AppRegistryOptions) {
    this.#options = options;
    this.#appsByOrigin = byOrigin(options.apps);
    this.#warnings = options.warnings;
    this.#loadedAt = options.clock();
  }

  get apps(): readonly RegisteredApp[] {
    return [...this.#appsByOrigin.values()];
  }

  /** When the apps were last read, in milliseconds since the epoch. */
  get loadedAt(): number {
    return this.#loadedAt;
  }

  /** @returns the app with exactly this origin; the same object as before unless its entry has changed */
  find(origin: string | undefined): RegisteredApp | undefined {
    return origin === undefined ? undefined : this.#appsByOrigin.get(origin);
  }

  /** The server of an app, or the last one of an app that was removed since this process started. */
  serverOf(origin: string): string | undefined {
    return this.find(origin)?.server ?? this.#formerServers.get(origin);
  }

  /** Calls the listener after each change, before any request sees it. */
  onChange(listener: (change: RegistryChange) => void): void {
    this.#listeners.push(listener);
  }

  /** Reads the file again, and logs the outcome in any case. */
  async reload(): Promise<void> {
    this.#version = await versionOf(this.#options.file);
    this.#isSettled = false;
    this.#read({ isRequested: true, isFileChanged: true });
  }

  /**
   * Reads the file again if it has changed. `stat` follows symbolic links, so a link that now leads elsewhere
   * counts as a change: Kubernetes updates a ConfigMap in this way.
   *
   * A change is read twice, at this poll and the next. A file system with coarse times could hide a second
   * change, and a file with an error may be half-written: the error is logged only if it is still there.
   */
  async poll(): Promise<void> {
    // Take the version before reading: a change in between is noticed the next time.
    const version = await versionOf(this.#options.file);
    const isFirst = this.#version === '';
    const isFileChanged = version !== this.#version;
    if (!isFileChanged && this.#isSettled) return;
    this.#version = version;
    this.#read({ isRequested: false, isFileChanged: isFileChanged && !isFirst });
    this.#isSettled = !isFileChanged && this.#fault === '';
  }

  #read(cause: ReadingCause): void {
    const { file, ssoOrigin } = this.#options;
    try {
      const { apps, warnings } = readRegistry(file, ssoOrigin);
      this.#apply(apps, warnings, cause.isFileChanged || this.#fault !== '');
      this.#fault = '';
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#refuse(error, cause);
    }
  }

  #apply(apps: readonly RegisteredApp[], warnings: readonly string[], isNews: boolean): void {
    const { log, clock } = this.#options;
    const before = this.#appsByOrigin;
    const after = byOrigin(apps);
    const change = findChange(before, after);
    if (change === null) {
      if (!isNews) return;
      log.info('the registry was read again and has the same apps');
    } else {
      this.#appsByOrigin = keepUnchanged(before, after, change);
      for (const { origin, server } of change.removed) this.#formerServers.set(origin, server);
      for (const { origin } of change.added) this.#formerServers.delete(origin);
      log.info(describeChange(change, before), 'the registry has changed');
    }
    this.#loadedAt = clock();
    for (const warning of warnings) if (!this.#warnings.includes(warning)) log.warn(warning);
    this.#warnings = warnings;
    if (change !== null) for (const listener of this.#listeners) listener(change);
  }

  #refuse({ message, errors }: ConfigError, { isRequested, isFileChanged }: ReadingCause): void {
    const isStillThere = message === this.#fault;
    if (isFileChanged || !isStillThere) this.#isFaultLogged = false;
    this.#fault = message;
    if (this.#isFaultLogged || !(isStillThere || isRequested)) return;
    this.#isFaultLogged = true;
    this.#options.log.warn({ errors }, 'the registry was refused; the one read before stays in force');
  }
}

function byOrigin(apps: readonly RegisteredApp[]): ReadonlyMap<string, RegisteredApp> {
  return new Map(apps.map((app) => [app.origin, app]));
}

/** Returns the new apps in their order, with the same objects as before for unchanged ones. */
function keepUnchanged(
  before: ReadonlyMap<string, RegisteredApp>,
  after: ReadonlyMap<string, RegisteredApp>,
  { changed }: RegistryChange,
): ReadonlyMap<string, RegisteredApp> {
  return byOrigin(
    [...after.values()].map((app) => (changed.includes(app) ? app : (before.get(app.origin) ?? app))),
  );
}

/** Returns a text that changes whenever the file does, or when another file takes its place. */
async function versionOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown';
  }
}
