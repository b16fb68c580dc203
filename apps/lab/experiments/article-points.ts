/**
 * The five points of the article of 2017 on single sign-on with CORS, in our own words. Each experiment
 * lists the points that it shows.
 */
import type { ArticlePoint, Experiment } from './experiment.ts';

interface ArticlePointText {
  point: ArticlePoint;
  title: string;
  text: string;
  /** A file of this repository that applies the point. */
  file: string;
}

export const articlePoints: readonly ArticlePointText[] = [
  {
    point: 1,
    title: 'The response names the origin that may read it',
    text:
      'The browser adds the page’s origin to the request, as Origin. The page can read the response only ' +
      'if Access-Control-Allow-Origin is that origin, byte for byte, or * for a request without ' +
      'credentials. A server with several apps looks Origin up in a list and sends Vary: Origin.',
    file: 'apps/sso/src/cross-origin/cors-policy.ts',
  },
  {
    point: 2,
    title: 'Credentials need the consent of both sides',
    text:
      'The page sets credentials: "include", or no cookie is sent to another origin. The server agrees by ' +
      'Access-Control-Allow-Credentials: true, or the page can’t read the response. With credentials, * ' +
      'isn’t a wildcard in any CORS header, and SameSite still decides which cookies are sent.',
    file: 'packages/browser/src/send-request.ts',
  },
  {
    point: 3,
    title: 'A preflight announces what a form couldn’t send',
    text:
      'A method other than GET, HEAD or POST, a header that isn’t safelisted, or a Content-Type such as ' +
      'application/json makes the browser ask first, by an OPTIONS without credentials. The request ' +
      'follows only if the response has an ok status and allows the origin, the method and the headers. ' +
      'If an endpoint accepts only JSON, no other origin can use it without a preflight.',
    file: 'packages/core/src/http/json-body.ts',
  },
  {
    point: 4,
    title: 'The browser remembers a preflight',
    text:
      'It keeps the permissions for Access-Control-Max-Age seconds, or for five without that header, per ' +
      'page origin and URL. That saves a round trip, but it hides a change of the policy for as long. One ' +
      'URL for all requests needs only one preflight.',
    file: 'apps/sso/src/cross-origin/cross-origin-endpoint.ts',
  },
  {
    point: 5,
    title: 'The browser enforces CORS after the server has executed the request',
    text:
      'CORS decides what a page can read. Without a preflight, the server has executed the request by the ' +
      'time the browser looks at the response. CORS keeps other pages from reading data; it ' +
      'doesn’t keep requests from the server. The server itself has to check Origin before it does anything.',
    file: 'packages/relying-app/src/request-origin.ts',
  },
];

export function experimentsOfPoint(
  experiments: readonly Experiment[],
  point: ArticlePoint,
): readonly Experiment[] {
  return experiments.filter(({ points }) => points.includes(point));
}
