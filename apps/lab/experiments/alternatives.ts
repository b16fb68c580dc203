/** The alternatives to a CORS policy with credentials: what they can and can't do, and when each is right. */

export interface Alternative {
  id: 'proxy' | 'jsonp' | 'without-checks' | 'public';
  title: string;
  /** One or two sentences. */
  text: string;
  can: readonly string[];
  cannot: readonly string[];
  rightWhen: string;
}

export const alternatives: readonly Alternative[] = [
  {
    id: 'proxy',
    title: 'A proxy on the app’s own server',
    text:
      'The page sends its request to its own origin, and the app’s server forwards it. CORS doesn’t apply, ' +
      'because the browser sees one origin and servers don’t enforce it.',
    can: [
      'Reach any API, whether or not it has a CORS policy.',
      'Keep an API key on the server.',
      'Cache, combine and shorten responses.',
    ],
    cannot: [
      'Send the other origin’s cookies: the browser sends only those of the app. A proxy at foo would ' +
        'never get the SSO service’s cookie, so it couldn’t tell who is signed in.',
      'Come for free: each request takes another hop, and the app’s server must limit what it forwards.',
    ],
    rightWhen:
      'When the data is public or belongs to the app rather than to the person. For a person’s data, the ' +
      'app’s server needs its own access token, as in OAuth.',
  },
  {
    id: 'jsonp',
    title: 'JSONP',
    text:
      'The page loads the response as a script, which passes the data to a function of the page. Loading a ' +
      'script from another origin needs no CORS policy.',
    can: ['Read data across origins in browsers that are older than CORS.'],
    cannot: [
      'Send anything except a GET, set a header, or read the status and the headers.',
      'Choose who reads the data: any site can load the script, and gets the person’s data if the browser ' +
        'sends their cookies.',
      'Limit the other server to data: its script can do everything that the page can.',
    ],
    rightWhen: 'Never in new code. A public API with * does the same without running foreign code.',
  },
  {
    id: 'without-checks',
    title: 'A browser without the checks',
    text:
      'Chromium with --disable-web-security lets every page read every response. curl has no such checks: ' +
      'it sends any request, with any Origin, and prints the response.',
    can: [
      'Show that CORS protects the people who use browsers. It doesn’t protect servers.',
      'Tell a server error from a wrong policy: if curl gets the right response, look at the policy.',
    ],
    cannot: [
      'Help anyone else: each person’s own browser enforces CORS.',
      'Send the person’s cookies: curl has none, and Chromium ignores the option in its default profile.',
    ],
    rightWhen:
      'For tests with a throwaway profile. In such a browser, any page can read other sites’ responses, ' +
      'including those to requests with your cookies.',
  },
  {
    id: 'public',
    title: 'A public API with *',
    text:
      'Access-Control-Allow-Origin: * without Access-Control-Allow-Credentials lets every page read the ' +
      'response of a request without credentials.',
    can: [
      'Serve every page alike, without a list of origins and without Vary: Origin.',
      'Be cached by every shared cache.',
    ],
    cannot: [
      'Identify the person by a cookie. A token in the Authorization header still works, after a preflight.',
      'Keep data inside a private network: any page that someone there visits can read it.',
    ],
    rightWhen:
      'When the data is the same for everyone and anyone may have it: fonts, public keys, open data, the ' +
      'documentation of an API.',
  },
];
