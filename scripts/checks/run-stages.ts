/**
 * Runs the stages of a suite, `check`, `e2e`, `resilience` or `test`, and stops at the first that is red. Ends with one
 * line that says how many tests and checks passed and failed, and with status 0 only if none failed. With
 * `--long`, what is left to chance is tried ten times as often.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../node24.mjs';
import { findBrowser, requireCertutil } from './browser.ts';
import { type Count, countStage } from './counts.ts';
import { findFirefox, NO_FIREFOX } from './firefox.ts';
import { type Stage, suites } from './stages.ts';

type Environment = Readonly<Record<string, string>>;

let current: ChildProcess | null = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    current?.kill(signal);
    process.exit(1);
  });
}

const [name = '', ...options] = process.argv.slice(2);
if (!(name in suites) || options.some((option) => option !== '--long')) {
  console.error(
    `Say which suite, ${Object.keys(suites).join(', ')}, and --long for the long form of the faults.`,
  );
  process.exit(1);
}
const length: Environment = options.length > 0 ? { RESILIENCE: 'long' } : {};
let leftOut = ''; // what has to be said again at the end
const total = await runSuite(suites[name as keyof typeof suites]);
if (leftOut) console.log(`\n${leftOut}`);
if (total.leftOut > 0) {
  console.log(`\n${total.leftOut} tests are left out: this machine, or this user, cannot do what they need.`);
}
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;

async function runSuite(stages: readonly Stage[]): Promise<Count> {
  let [passed, skipped] = [0, 0];
  let browser: Environment = {};
  try {
    // Before anything runs, so that what is missing is told at once.
    if (stages.some((stage) => stage.browser)) {
      requireCertutil();
      browser = findBrowser();
    }
    if (stages.some((stage) => stage.firefox)) browser = { ...browser, ...findSecondBrowser() };
    for (const stage of stages) {
      if (stage.firefox && leftOut) continue;
      console.log(`\n── ${stage.name} ──\n`);
      const count = await runStage(stage, browser);
      passed += count.passed;
      skipped += count.leftOut;
      if (count.failed > 0) return { passed, failed: count.failed, leftOut: skipped };
    }
    return { passed, failed: 0, leftOut: skipped };
  } catch (error) {
    console.error((error as Error).message);
    return { passed, failed: 1, leftOut: skipped };
  }
}

/** Says which it is or that there is none; returns the environment that tells the tests. */
function findSecondBrowser(): Environment {
  const firefox = findFirefox();
  if (firefox === null) leftOut = NO_FIREFOX;
  console.log(firefox ? `The second browser is ${firefox.executable}, ${firefox.version}` : NO_FIREFOX);
  return firefox ? { E2E_FIREFOX: firefox.executable } : {};
}

async function runStage(stage: Stage, browser: Environment): Promise<Count> {
  const { report, commands } = stage;
  if (report) rmSync(report.file, { force: true });
  let endedWell = true;
  for (const command of commands) endedWell = endedWell && (await succeeds(command, stage, browser));
  if (!report) return countStage(endedWell, null);
  if (!existsSync(report.file)) return countStage(false, null);
  return countStage(endedWell, report.count(readFileSync(report.file, 'utf8')));
}

async function succeeds(command: readonly string[], { folder, environment }: Stage, browser: Environment) {
  current = spawn(process.execPath, command, {
    cwd: join(workspace, folder ?? '.'),
    env: { ...process.env, ...length, ...environment, ...browser },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [status] = await once(current, 'exit');
  current = null;
  return status === 0;
}
