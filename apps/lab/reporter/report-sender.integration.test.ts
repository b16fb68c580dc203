import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { localServer } from '../../../test/support/local-server.fixture.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.fixture.ts';
import { createKeyFinder } from './key-sets.ts';
import { Observation } from './observation.ts';
import { type RecordingLab, recordingLab } from './recording-lab.fixture.ts';
import { ReportAddress } from './report-file.ts';
import { ReportSender } from './report-sender.ts';

function start() {
  const file = join(temporaryFolder(), 'lab-reports.json');
  const sender = new ReportSender(new ReportAddress(file), createKeyFinder(new Map()));
  const observe = (host = 'sso') =>
    new Observation((exchange) => sender.add(exchange), 'sso', {
      direction: 'received',
      client: 'browser',
      clientPort: 1,
      method: 'GET',
      path: '/',
      host,
    });
  /** Reports one complete exchange. */
  const report = (host?: string) => observe(host).reportEnd({ response: null, error: 'none' });
  return { file, observe, report };
}

const hostsOf = (lab: RecordingLab) => lab.exchanges().map(({ host }) => host);

/** Reports until a report arrives. Earlier ones may be dropped. */
async function expectNextReport(lab: RecordingLab, report: (host: string) => void): Promise<void> {
  await expect
    .poll(() => {
      report('next');
      return hostsOf(lab);
    })
    .toContain('next');
}

describe('a report', () => {
  it('has a request at once, and its response later under the same id', async () => {
    const { file, observe } = start();
    const lab = await recordingLab(file);
    const observation = observe();
    observation.reportRequest({ purpose: 'login' });
    await expect.poll(() => lab.exchanges()).toMatchObject([{ purpose: 'login', durationMs: null }]);
    observation.reportEnd({ response: null, error: 'none' });
    await lab.expectCompleted('login');
    expect(lab.exchanges()).toHaveLength(1);
  });

  it('has at most 100 exchanges, and one is sent after the other', async () => {
    const { file, report } = start();
    let [running, most] = [0, 0];
    const sizes: number[] = [];
    const { url } = await localServer(async (request, response) => {
      running += 1;
      most = Math.max(most, running);
      sizes.push(JSON.parse(await text(request)).exchanges.length);
      running -= 1;
      response.writeHead(204).end();
    });
    writeFileSync(file, JSON.stringify({ url: `${url}/reports`, secret: 'secret' }), { mode: 0o600 });
    for (let count = 0; count < 250; count += 1) report();
    await expect.poll(() => sizes).toEqual([100, 100, 50]);
    expect(most).toBe(1);
  });

  it('lacks the oldest exchanges if more than 300 wait', async () => {
    const { file, report } = start();
    const lab = await recordingLab(file);
    for (let number = 0; number < 310; number += 1) report(String(number));
    await expect.poll(() => lab.exchanges()).toHaveLength(300);
    expect(lab.exchanges()[0]).toMatchObject({ host: '10' });
  });

  it('stays below the lab’s size limit, even for large requests', async () => {
    const { file, observe } = start();
    const lab = await recordingLab(file);
    const fields = Array.from({ length: 100 }, () => ({ name: 'Accept', value: 'é'.repeat(160) }));
    for (let number = 0; number < 100; number += 1) {
      observe(String(number)).reportRequest({ request: { fields, body: null, tokens: [] } });
    }
    await expect.poll(() => lab.exchanges().length).toBeGreaterThan(10);
    expect(lab.received.every((body) => Buffer.byteLength(body) < 2 ** 20)).toBe(true);
  });
});

describe('while the lab is not running', () => {
  it('reports are dropped, and later ones are sent once it runs [T-LAB-07]', async () => {
    const { file, report } = start();
    const failing = await localServer(({ socket }) => void socket.destroy());
    writeFileSync(file, JSON.stringify({ url: `${failing.url}/reports`, secret: 'secret' }), { mode: 0o600 });
    report('before');
    // Once a second report fails, the first is dropped.
    await expect
      .poll(() => {
        report('meanwhile');
        return failing.requests();
      })
      .toBeGreaterThan(1);
    const lab = await recordingLab(file);
    await expectNextReport(lab, report);
    expect(hostsOf(lab)).not.toContain('before');
  });

  it.each([
    ['missing', null],
    ['malformed', '{'],
    ['without a secret', '{"url":"http://127.0.0.1:1/reports"}'],
  ])('a report file that is %s is read again', async (_how, content) => {
    const file = join(temporaryFolder(), 'lab-reports.json');
    if (content !== null) writeFileSync(file, content, { mode: 0o600 });
    const address = new ReportAddress(file);
    expect(await address.get()).toBeNull();
    const current = { url: 'http://127.0.0.1:1/reports', secret: 'secret' };
    writeFileSync(file, JSON.stringify(current), { mode: 0o600 });
    expect(await address.get()).toEqual(current);
  });
});

it('after a restart of the lab, the report that it refused is sent with the new secret', async () => {
  const { file, report } = start();
  const lab = await recordingLab(file);
  await expectNextReport(lab, report);
  lab.restart();
  report('refused at first');
  await expect.poll(() => hostsOf(lab)).toContain('refused at first');
});

it('a report that the lab refuses is not sent again', async () => {
  const { file, report } = start();
  const bodies: string[] = [];
  const { url } = await localServer(async (request, response) => {
    bodies.push(await text(request));
    response.writeHead(400).end();
  });
  writeFileSync(file, JSON.stringify({ url: `${url}/reports`, secret: 'secret' }), { mode: 0o600 });
  report('first');
  await expect.poll(() => bodies).toHaveLength(1);
  report('second');
  await expect.poll(() => bodies.some((body) => body.includes('second'))).toBe(true);
  expect(bodies.filter((body) => body.includes('first'))).toHaveLength(1);
});
