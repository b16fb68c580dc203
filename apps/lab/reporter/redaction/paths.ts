/** Redacts paths and queries: a client may put a secret there, so only known ones are shown. */
import { APP_PATHS, SSO_PATHS } from '@samesite-sso/protocol';
import { HIDDEN } from './rules.ts';

const KNOWN_PATHS: readonly string[] = ['/', ...Object.values(SSO_PATHS), ...Object.values(APP_PATHS)];

/** The query parameters whose values are shown. */
const SHOWN_PARAMETERS = /^(scope=site|redirected)$/;

/** An SSO session id: a public identifier. */
const SID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * @param target the request's target, such as `/session?scope=site`
 * @param route the pattern of the route that serves it, such as `/account/sessions/:sid`, if one does
 */
export function redactTarget(target: string, route?: string): string {
  const [path = '', query] = target.split(/\?(.*)/s, 2);
  const shownPath = redactPath(path, route);
  if (query === undefined) return shownPath;
  const parameters = query.split('&').map((each) => (SHOWN_PARAMETERS.test(each) ? each : HIDDEN));
  return `${shownPath}?${[...new Set(parameters)].join('&')}`;
}

function redactPath(path: string, route: string | undefined): string {
  if (KNOWN_PATHS.includes(path)) return path;
  if (route === undefined || route.includes('*')) return `/${HIDDEN}`;
  const sid = path.slice(path.lastIndexOf('/') + 1);
  return SID.test(sid) ? route.replace(/:sid$/, sid) : route;
}
