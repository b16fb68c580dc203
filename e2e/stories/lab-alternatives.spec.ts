/** The live demos of the alternatives to CORS, each of which shows a limit. */
import { paths } from '../../apps/lab/exchange/paths.ts';
import { labTargets } from '../lab-runs.ts';
import { expect, test } from '../test.ts';

test('a server recognizes a visitor’s direct request, but not the proxy’s', async ({ page, lab }) => {
  await page.goto(`${lab.origin}/alternatives`);
  await page.getByRole('button', { name: 'Send both requests' }).click();
  await expect(page.getByText('knows you.')).toBeVisible();
  await expect(page.getByText('doesn’t know you')).toBeVisible();
});

test('a public API with * is readable without credentials only', async ({ page, lab }) => {
  await page.goto(`${lab.origin}/alternatives`);
  await page.getByRole('button', { name: 'Send it without and with credentials' }).click();
  await expect(page.getByText(/^Readable: /)).toBeVisible();
  await expect(page.getByText(/^Not readable: /)).toBeVisible();
});

test('another site’s page reads the JSONP response, without the Strict and Lax cookies', async ({
  page,
  lab,
}) => {
  const targets = labTargets(lab);
  await page.goto(targets['same-site'] + paths.cookies);
  const read = async (origin: string) => {
    await page.goto(origin + paths.jsonpReader);
    await expect(page.getByRole('status')).toContainText('intranet');
    return JSON.parse((await page.getByRole('status').textContent()) ?? '').cookies as string[];
  };
  expect(await read(lab.origin)).toEqual(['strict', 'lax', 'none']);
  const fromAnotherSite = await read(targets['cross-site']);
  expect(fromAnotherSite).not.toContain('strict');
  expect(fromAnotherSite).not.toContain('lax');
});
