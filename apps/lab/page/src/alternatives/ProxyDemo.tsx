/** Requests the visitor's status from the target: directly with cookies, and through the proxy without. */
import * as v from 'valibot';
import { ProxyResponse, StatusResponse } from '../../../exchange/alternative-responses.ts';
import { paths } from '../../../exchange/paths.ts';
import { setCookies } from '../cors/set-cookies.ts';
import type { Settings } from '../settings.ts';
import { Demo } from './Demo.tsx';

async function fetchBothWays({ sameSiteOrigin }: Settings) {
  // The page's own host sets cookies too, so that the proxy has some to forward.
  await Promise.all([setCookies(sameSiteOrigin), setCookies(location.origin)]);
  const [direct, proxied] = await Promise.all([
    fetch(sameSiteOrigin + paths.status, { credentials: 'include' }),
    fetch(paths.proxy),
  ]);
  return {
    direct: v.parse(StatusResponse, await direct.json()),
    proxied: v.parse(ProxyResponse, await proxied.json()),
  };
}

export function ProxyDemo({ settings }: { settings: Settings }) {
  const { host } = new URL(settings.sameSiteOrigin);

  return (
    <Demo label="Send both requests" request={() => fetchBothWays(settings)}>
      {({ direct, proxied }) => (
        <div className="demo-columns columns">
          <div className="box">
            <h4 className="label">Directly, with CORS</h4>
            <p>
              <code translate="no">{`GET ${settings.sameSiteOrigin}${paths.status}`}</code>
            </p>
            <p>
              Cookies that the server received: {listCookies(direct.cookies.map((kind) => `lab-${kind}`))}
            </p>
            <StatusText host={host} status={direct.status} />
          </div>
          <div className="box">
            <h4 className="label">Through the proxy</h4>
            <p>
              <code translate="no">{`GET ${location.origin}${paths.proxy}`}</code>
            </p>
            <p>
              Cookies of this page’s host, which the proxy forwarded: {listCookies(proxied.cookiesReceived)}
            </p>
            <StatusText host={host} status={proxied.answer.status} />
          </div>
        </div>
      )}
    </Demo>
  );
}

function listCookies(names: readonly string[]) {
  return names.length === 0 ? 'none' : <code translate="no">{names.join(', ')}</code>;
}

function StatusText({ host, status }: { host: string; status: StatusResponse['status'] }) {
  return (
    <p className="demo-answer" data-status={status}>
      <b translate="no">{host}</b>{' '}
      {status === 'known' ? 'knows you.' : 'doesn’t know you: none of these cookies belongs to it.'}
    </p>
  );
}
