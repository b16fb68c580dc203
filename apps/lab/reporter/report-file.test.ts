import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { ReportAddress } from './report-file.ts';

const CONTENT = { url: 'http://127.0.0.1:4010/reports', secret: 'secret' };

function writtenFile(content: object = CONTENT): string {
  const file = join(temporaryFolder(), 'reports.json');
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  return file;
}

it.each([
  'http://127.0.0.1:4010/reports',
  'https://[::1]:4010/reports',
  'http://lab.example.localhost/reports',
  'http://lab:4010/reports',
])('a reporter sends reports to %s', async (url) => {
  expect(await new ReportAddress(writtenFile({ ...CONTENT, url })).get()).toEqual({ ...CONTENT, url });
});

it.each([
  'https://lab.example.com/reports',
  'http://192.168.0.1:4010/reports',
  'http://3232235521/reports',
  'http://user@lab.example.com/reports',
  'http://127.0.0.1@lab.example.com/reports',
  'http://localhost.example.com/reports',
  'http://127.0.0.1:4010/introspection',
  'ftp://lab/reports',
  'reports',
])('a reporter sends nothing to %s [T-LAB-03]', async (url) => {
  expect(await new ReportAddress(writtenFile({ ...CONTENT, url })).get()).toBeNull();
});

it.each<[string, (file: string) => void]>([
  ['that its group can read', (file) => chmodSync(file, 0o640)],
  ['that others can write', (file) => chmodSync(file, 0o602)],
  ['that is large', (file) => writeFileSync(file, JSON.stringify(CONTENT) + ' '.repeat(5000))],
  [
    'that is a symbolic link',
    (file) => {
      renameSync(file, `${file}.real`);
      symlinkSync(`${file}.real`, file);
    },
  ],
  [
    'that is a FIFO, for which it doesn’t wait',
    (file) => {
      rmSync(file);
      execFileSync('mkfifo', ['-m', '600', file]);
    },
  ],
])('a reporter doesn’t trust a file %s [T-LAB-03]', async (_how, change) => {
  const file = writtenFile();
  change(file);
  expect(await new ReportAddress(file).get()).toBeNull();
});

it('a reporter doesn’t trust another user’s file [T-LAB-03]', async () => {
  const own = process.geteuid?.() ?? 0;
  vi.spyOn(process, 'geteuid').mockReturnValue(own + 1);
  expect(await new ReportAddress(writtenFile()).get()).toBeNull();
  vi.restoreAllMocks();
});

it('a reporter forgets the address soon after the file is removed', async () => {
  const file = writtenFile();
  const address = new ReportAddress(file);
  expect(await address.get()).toEqual(CONTENT);
  rmSync(file);
  await expect.poll(() => address.get(), { timeout: 3000 }).toBeNull();
});
