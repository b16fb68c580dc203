/** What caches remember, including preflights: point 4 of the article. Each experiment makes two requests. */
import type { Experiment } from './experiment.ts';
import { get, jsonPost, noOrigin, rightPolicy } from './right-policy.ts';

export function cacheExperiments(pageOrigin: string): readonly Experiment[] {
  const common = { group: 'caches', difference: null } as const;
  const right = rightPolicy(pageOrigin);

  const image = { ...get, mode: 'no-cors', credentials: 'omit' } as const;
  const read = { ...get, credentials: 'omit' } as const;
  const cached = { ...right, hasSharedCache: true };
  const cachedWithoutVary = { ...cached, vary: null };

  const remembered = { ...right, maxAge: '600' };
  const forbidden = { ...right, allowOrigin: noOrigin };

  return [
    {
      ...common,
      id: 'missing-vary',
      title: 'No Vary, and a shared cache',
      points: [1],
      meant: 'The server names the origin that asked, and nothing if none did.',
      does:
        'A no-cors request, such as an image’s, sends no Origin, so the cache stores a response that names ' +
        'none. Then it answers the page’s request with that response, which the page can’t read.',
      instead: 'Send Vary: Origin in every response of the URL, even without CORS headers.',
      steps: [
        { request: image, policy: cachedWithoutVary },
        { request: read, policy: cachedWithoutVary },
      ],
      rightSteps: [
        { request: image, policy: cached },
        { request: read, policy: cached },
      ],
    },
    {
      ...common,
      id: 'max-age-hides-a-change',
      title: 'Access-Control-Max-Age, and a policy that changes',
      points: [4, 5],
      meant: 'When the policy forbids the origin, its requests stop.',
      does:
        'The browser remembers the first preflight for 600 seconds. So the second request goes out without ' +
        'one, and the server executes it, although the policy now forbids it.',
      instead:
        'Check Origin at the server for every request. Choose a Max-Age no longer than a change of ' +
        'the policy can wait; browsers limit it, Chromium to two hours and Firefox to a day.',
      steps: [
        { request: jsonPost, policy: remembered },
        { request: jsonPost, policy: forbidden },
      ],
      rightSteps: [
        { request: jsonPost, policy: right },
        { request: jsonPost, policy: forbidden },
      ],
    },
  ];
}
