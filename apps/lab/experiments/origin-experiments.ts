/** Which origin a response names: point 1 of the article. */
import type { Experiment } from './experiment.ts';
import { fixedOrigin, formPost, get, jsonPut, noOrigin, oneStep, wrongPolicy } from './right-policy.ts';

export function originExperiments(pageOrigin: string): readonly Experiment[] {
  const common = { group: 'origin', points: [1], difference: null } as const;
  const { protocol, hostname, host, port } = new URL(pageOrigin);
  const otherProtocol = protocol === 'https:' ? 'http:' : 'https:';
  const suffix = host.slice(1);
  const prefix = pageOrigin.slice(0, pageOrigin.lastIndexOf('.'));
  const checkedOrigin = (value: string) =>
    wrongPolicy(pageOrigin, formPost, { allowOrigin: fixedOrigin(value) });

  return [
    {
      ...common,
      id: 'right-policy',
      title: 'The right policy',
      points: [1, 2, 3],
      meant: 'One origin may send JSON with the person’s cookies, and read the response.',
      does:
        'The preflight allows the method and the header. The response names the page’s origin ' +
        'and allows credentials; Vary tells caches that other origins get other headers.',
      instead: 'Nothing: most other experiments change one thing in this policy.',
      steps: oneStep(pageOrigin, jsonPut),
      rightSteps: null,
    },
    {
      ...common,
      id: 'no-header',
      title: 'No Access-Control-Allow-Origin',
      points: [1, 5],
      meant: 'Without a CORS policy, the server refuses requests from other origins.',
      does:
        'The request reaches the server, which executes it. Only afterwards does the browser look for the ' +
        'header, find none, and keep the response from the page.',
      instead:
        'To let a page read the response, name its origin. To refuse other origins, check the Origin ' +
        'header at the server before the request has an effect.',
      ...wrongPolicy(pageOrigin, get, { allowOrigin: noOrigin }),
    },
    {
      ...common,
      id: 'origin-list',
      title: 'A list of origins',
      points: [1, 5],
      meant: 'Two origins may read the response.',
      does:
        'The header holds one origin, *, or null, and never a list. The browser compares the whole value ' +
        'with the page’s origin, so neither of the two may read the response.',
      instead:
        'Keep the list at the server. If it contains the request’s Origin, send that origin alone, ' +
        'and always send Vary: Origin.',
      ...checkedOrigin(`${pageOrigin}, https://www.example.com`),
    },
    {
      ...common,
      id: 'null-origin',
      title: 'The origin null',
      points: [1, 5],
      meant: 'null stands for no origin, or for local files only.',
      does:
        'null is the serialized origin of sandboxed frames, data: URLs and local files. This page isn’t ' +
        'one of them and is refused, but any site can make a sandboxed frame that may read the response.',
      instead: 'Omit the header to allow nobody, and never allow null.',
      ...checkedOrigin('null'),
    },
    {
      ...common,
      id: 'wrong-scheme',
      title: 'Another scheme',
      points: [1, 5],
      meant: `The host ${hostname} may read the response.`,
      does: 'An origin is a scheme, a host and a port, so another scheme is another origin.',
      instead:
        'Write the origin as the page’s location.origin shows it. An https server shouldn’t allow an http ' +
        'origin, because anyone on the network can rewrite that page.',
      ...checkedOrigin(`${otherProtocol}//${host}`),
    },
    {
      ...common,
      id: 'wrong-port',
      title: 'Another port',
      points: [1, 5],
      meant: `The host ${hostname} may read the response, on any port.`,
      does:
        'The port is part of the origin, so another port is another origin. Sites and cookies ignore it: ' +
        'the cookies are sent as if the ports were the same.',
      instead: 'Write the port, unless it is the default of the scheme, which browsers omit.',
      ...checkedOrigin(`${protocol}//${hostname}:${Number(port || 8080) + 1}`),
    },
    {
      ...common,
      id: 'trailing-slash',
      title: 'A trailing slash',
      points: [1, 5],
      meant: 'The address of the app may read the response.',
      does:
        'An origin has no path, so browsers send it without a slash. They compare byte for byte, so ' +
        'the slash makes it another value.',
      instead: 'Write the origin without a slash, as in the request’s Origin header.',
      ...checkedOrigin(`${pageOrigin}/`),
    },
    {
      ...common,
      id: 'upper-case',
      title: 'Upper case',
      points: [1, 5],
      meant: 'Host names are case-insensitive, so their spelling doesn’t matter.',
      does:
        'Browsers write schemes and hosts in lower case, and compare the header byte for byte with the ' +
        'page’s origin.',
      instead: 'Write the origin in lower case, as the browser serializes it.',
      ...checkedOrigin(`${protocol}//${host.toUpperCase()}`),
    },
    {
      ...common,
      id: 'reflected-origin',
      title: 'Any origin reflected',
      points: [1, 2],
      meant: 'All our apps may read the response with cookies, and there is no list to maintain.',
      does:
        'The response repeats the Origin of every request, so every site may read it. With ' +
        'Access-Control-Allow-Credentials: true, a page that the person happens to visit reads what only ' +
        'they may see.',
      instead: 'Answer with the request’s Origin only if a list contains it, byte for byte.',
      ...wrongPolicy(pageOrigin, formPost, { allowOrigin: { rule: 'reflect' } }),
    },
    {
      ...common,
      id: 'suffix-match',
      title: 'Suffix match',
      meant: `The domain ${suffix} and its subdomains may read the response.`,
      does:
        `${host} also ends with ${suffix}, but is another domain. Anyone can register a name that ends ` +
        'with yours, and then read the response.',
      instead:
        'Compare whole origins with a list. A pattern for subdomains needs the dot before the domain, and ' +
        'still allows a subdomain that somebody has taken over.',
      ...wrongPolicy(pageOrigin, formPost, { allowOrigin: { rule: 'suffix', value: suffix } }),
    },
    {
      ...common,
      id: 'prefix-match',
      title: 'Prefix match',
      meant: `${prefix}.com may read the response, on any port.`,
      does:
        `The check compares only the start. This page’s origin also starts with ${prefix}, and an ` +
        'attacker can register a name that does.',
      instead: 'Compare whole origins with a list. A regular expression needs both anchors and escaped dots.',
      ...wrongPolicy(pageOrigin, formPost, { allowOrigin: { rule: 'prefix', value: prefix } }),
    },
  ];
}
