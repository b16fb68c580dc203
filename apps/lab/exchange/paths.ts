/** Paths that the lab's page and its server share. `run.ts` has the path of a run. */
export const paths = {
  /** On the page's own origin: the stream of exchanges, as server-sent events. */
  exchanges: '/exchanges',
  /** On the page's own origin: starts, changes and reads a run. */
  runs: '/runs',
  /** From the reporters, under any host name. */
  reports: '/reports',
  /** On all three hosts: sets the three cookies. */
  cookies: '/cookies',
  /** On the page's own origin: requests the same-site target's `status`, as an app's own server would. */
  proxy: '/alternatives/proxy',
  /** On both targets: which cookies the request carried, for the lab's page alone. */
  status: '/status',
  /** On both targets: for every origin, without credentials. */
  public: '/public',
  /** On the same-site target. */
  jsonp: '/jsonp',
  /** On the page's own origin and on the cross-site target: a document that includes the JSONP script. */
  jsonpReader: '/jsonp-reader',
} as const;
