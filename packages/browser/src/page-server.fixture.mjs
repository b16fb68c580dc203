// JavaScript, since TypeScript in this folder has the browser's types, not Node's. Types:
// page-server.fixture.d.mts.
import { text } from 'node:stream/consumers';
import { localServer } from '../../../test/support/local-server.fixture.ts';

export function serve(respond) {
  return localServer(async (request, response) => {
    const { method, url, headers } = request;
    const answer = await respond({ method, url, headers, body: await text(request) });
    const { status = 200, headers: more, json, html, redirect, hangUp } = answer;
    if (hangUp) return void response.destroy();
    if (redirect !== undefined) return void response.writeHead(307, { location: redirect }).end();
    const type = html === undefined ? 'application/json' : 'text/html';
    response.writeHead(status, { 'content-type': type, ...more });
    response.end(html ?? JSON.stringify(json));
  });
}
