/**
 * Holds the workspace to the rules of its supply chain, in rules.ts: what is installed, from where, under which
 * licence, and what of it may run something when it is installed. Needs no network.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { workspace } from '../../node24.mjs';
import { readInstalled } from './installed.ts';
import { findDeprecated, findInstallScripts, findRanges, findUnhashed, findUnlicensed } from './rules.ts';
import { readLockFile, readManifests, runtimeFolders, runtimePackages } from './workspace.ts';

const lock = readLockFile();
const manifests = readManifests();
// pnpm keeps for a while what an earlier lock file asked for.
const installed = new Map([...readInstalled()].filter(([name]) => name in lock.packages));
const runtime = runtimePackages(lock, manifests, runtimeFolders(manifests));
const { allowBuilds } = parse(readFileSync(join(workspace, 'pnpm-workspace.yaml'), 'utf8'));

const faults = [
  ...findRanges(manifests),
  ...findUnhashed(lock),
  ...findDeprecated(lock),
  ...findInstallScripts(installed, Object.keys(allowBuilds)),
  ...findUnlicensed(lock, installed, runtime),
];
for (const fault of faults) console.error(fault);
console.log(`${Object.keys(lock.packages).length} packages, ${runtime.size} of them at run time`);
if (faults.length > 0) process.exitCode = 1;
