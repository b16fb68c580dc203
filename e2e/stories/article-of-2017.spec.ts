/** Story 8: the request from the 2017 article, with its two mistakes corrected, gets a token. */
import { ada } from '../administration.ts';
import { expect, test } from '../test.ts';

test("the article's XMLHttpRequest, run on foo's page, gets a token that foo accepts", async ({
  app,
  site,
}) => {
  await (await app.open(site.foo.origin)).signIn(ada);
  const response = await app.page.evaluate(
    (url) =>
      new Promise<string>((resolve, reject) => {
        const xhr = new XMLHttpRequest();
        xhr.open('POST', url);
        xhr.withCredentials = true;
        xhr.setRequestHeader('Content-Type', 'application/json');
        xhr.onload = () => resolve(xhr.responseText);
        xhr.onerror = () => reject(new Error('the request was blocked'));
        xhr.send('{"request":"authentication token"}');
      }),
    `${site.sso.origin}/`,
  );
  const { token, expiresIn } = JSON.parse(response) as { token: string; expiresIn: number };
  expect(expiresIn).toBe(30);
  expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);

  const redeem = () =>
    app.page.evaluate(async (body) => {
      const headers = { 'Content-Type': 'application/json' };
      return (await fetch('/session', { method: 'POST', headers, body })).status;
    }, JSON.stringify({ token }));
  expect(await redeem()).toBe(201);
  expect(await redeem(), 'once').toBe(401);
});
