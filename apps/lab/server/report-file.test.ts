import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from './lab.fixture.ts';
import { writeReportFile } from './report-file.ts';

const CONTENT = { url: 'http://127.0.0.1:4010/reports', secret: 'secret' };

const modeOf = (file: string) => (statSync(file).mode & 0o777).toString(8);

test('the report file can be read by its owner only, and nothing else stays in the folder [T-LAB-03]', () => {
  const folder = testFolder();
  writeReportFile(path.join(folder, 'reports.json'), CONTENT);
  expect(readdirSync(folder)).toEqual(['reports.json']);
  expect(modeOf(path.join(folder, 'reports.json'))).toBe('600');
  expect(JSON.parse(readFileSync(path.join(folder, 'reports.json'), 'utf8'))).toEqual(CONTENT);
});

test('a report file of an earlier start is replaced as a whole, including its mode', () => {
  const folder = testFolder();
  const [file, other] = [path.join(folder, 'reports.json'), path.join(folder, 'other')];
  writeFileSync(other, 'unchanged');
  chmodSync(other, 0o644);
  symlinkSync(other, file);
  writeReportFile(file, CONTENT);
  expect(readFileSync(other, 'utf8')).toBe('unchanged');
  expect(modeOf(file)).toBe('600');
});

test('a report file that can’t be replaced leaves no temporary file with the secret', () => {
  const folder = testFolder();
  mkdirSync(path.join(folder, 'reports.json', 'full'), { recursive: true });
  expect(() => writeReportFile(path.join(folder, 'reports.json'), CONTENT)).toThrow();
  expect(readdirSync(folder)).toEqual(['reports.json']);
});
