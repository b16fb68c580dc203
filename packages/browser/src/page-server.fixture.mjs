// JavaScript, since TypeScript in this folder has the browser's types, not Node's. Types:
// page-server.fixture.d.mts.
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

export async function listen(respond) {
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const {
      status = 200,
      headers: more,
      json,
      html,
      redirect,
      hangUp,
    } = await respond({
      method,
      url,
      headers,
      body: await text(request),
    });
    if (hangUp) return void response.destroy();
    if (redirect !== undefined) return void response.writeHead(307, { location: redirect }).end();
    const type = html === undefined ? 'application/json' : 'text/html';
    response.writeHead(status, { 'content-type': type, ...more });
    response.end(html ?? JSON.stringify(json));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}
