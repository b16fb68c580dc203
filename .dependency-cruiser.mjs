// The arrows of docs/architecture.md. `pnpm check:imports` refuses an import that points the other way.

/** Files that only tests and the benchmark use. */
const TEST_CODE = '[.](test|spec|fixture|test-suite)[.](tsx?|mjs)$|/contract/|^(test|e2e|bench)/';

/** Constants that a page and its server must agree on. */
const SHARED_WITH_PAGES = 'account-page/paths|accounts/password-text';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const rules = [
  {
    name: 'no-cycles',
    comment: 'A module that depends on itself can only be understood, tested and moved with the whole cycle.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-cycles-between-folders',
    scope: 'folder',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-broken-imports',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'product-imports-no-test-code',
    from: { path: '^(apps|packages|scripts)/', pathNot: TEST_CODE },
    to: { path: TEST_CODE },
  },
  {
    name: 'storage-imports-no-domain',
    comment: 'Domain modules use the stores. A store knows rows, not the rules that fill them.',
    from: { path: '^apps/sso/src/storage/', pathNot: TEST_CODE },
    to: { path: '^apps/sso/', pathNot: '^apps/sso/src/storage/' },
  },
  {
    name: 'hasher-process-starts-fast',
    comment: 'Another import, such as packages/core, would bring a thousand modules into that process.',
    from: { path: '^apps/sso/src/accounts/(hashing/(hasher-process|argon2|bcrypt)|password-text)[.]ts$' },
    to: {
      path: '^(apps|packages)/',
      pathNot: '^apps/sso/src/accounts/(hashing/(argon2|bcrypt)|password-text)[.]ts$',
    },
  },
  {
    name: 'domain-imports-no-route',
    comment: 'Routes read requests and call the domain, which knows nothing of HTTP endpoints or commands.',
    from: { path: '^apps/sso/src/(accounts|logout|registry|sessions)/', pathNot: TEST_CODE },
    to: {
      path: '^apps/sso/src/(cross-origin|server-to-server|account-page|administration)/',
      pathNot: `^apps/sso/src/(${SHARED_WITH_PAGES})[.]ts$`,
    },
  },
  {
    name: 'domain-imports-storage-interfaces-only',
    comment: 'Only the composition of the service and the administration choose a storage engine.',
    from: {
      path: '^apps/sso/src/',
      pathNot: `${TEST_CODE}|^apps/sso/src/(app[.]ts|administration/|storage/)`,
    },
    to: { path: '^apps/sso/src/storage/sqlite/' },
  },
  {
    name: 'one-module-verifies-passkeys',
    comment: 'The library leaves some checks to its caller, and that module makes them.',
    from: { pathNot: '^apps/sso/src/passkeys/passkey-verification[.]ts$' },
    to: { path: '(^|/)node_modules/@simplewebauthn/server/' },
  },
  {
    name: 'packages-import-no-app-or-script',
    from: { path: '^packages/', pathNot: TEST_CODE },
    to: { path: '^(apps|scripts|examples)/' },
  },
  {
    name: 'apps-import-no-script',
    comment: 'The images contain no scripts. The Vite configurations are build scripts themselves.',
    from: { path: '^apps/([^/]+/(src|server|page)|lab/[^/]+)/', pathNot: TEST_CODE },
    to: { path: '^scripts/' },
  },
  {
    name: 'apps-are-independent',
    from: { path: '^apps/([^/]+)/', pathNot: TEST_CODE },
    to: { path: '^apps/', pathNot: '^apps/$1/' },
  },
  {
    name: 'lab-judges-and-describes-without-io',
    comment: 'The page and the server share these folders, and tests run them without either.',
    from: { path: '^apps/lab/(cors|exchange|experiments)/', pathNot: TEST_CODE },
    to: { path: '^(apps|packages)/', pathNot: '^apps/lab/(cors|exchange|experiments)/' },
  },
  {
    name: 'lab-judges-and-describes-without-node',
    from: { path: '^apps/lab/(cors|exchange|experiments)/', pathNot: TEST_CODE },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'lab-reporter-and-server-share-only-messages',
    comment:
      'They are parts of different processes. The reporter is loaded into the SSO service and the apps.',
    from: { path: '^apps/lab/reporter/', pathNot: TEST_CODE },
    to: { path: '^apps/lab/', pathNot: '^apps/lab/(reporter|exchange)/' },
  },
  {
    name: 'lab-server-imports-no-reporter-or-page',
    from: { path: '^apps/lab/server/', pathNot: TEST_CODE },
    to: { path: '^apps/lab/(reporter|page)/' },
  },
  {
    name: 'only-tests-import-the-lab',
    comment: 'It is demo equipment: everything else works without its folder.',
    from: { path: '^(apps|packages|scripts)/', pathNot: `${TEST_CODE}|^apps/lab/` },
    to: { path: '^apps/lab/' },
  },
  {
    name: 'protocol-is-the-bottom',
    comment: 'The protocol depends on nothing of ours, so that everything can depend on it.',
    from: { path: '^packages/protocol/', pathNot: TEST_CODE },
    to: { path: '^packages/', pathNot: '^packages/protocol/' },
  },
  {
    name: 'core-imports-protocol-only',
    comment:
      'Apps that install packages/relying-app get packages/core with it, and nothing of our own servers.',
    from: { path: '^packages/core/', pathNot: TEST_CODE },
    to: { path: '^packages/', pathNot: '^packages/(core|protocol)/' },
  },
  {
    name: 'server-imports-core-and-protocol-only',
    from: { path: '^packages/server/', pathNot: TEST_CODE },
    to: { path: '^packages/', pathNot: '^packages/(server|core|protocol)/' },
  },
  {
    name: 'relying-app-imports-core-and-protocol-only',
    from: { path: '^packages/relying-app/', pathNot: TEST_CODE },
    to: { path: '^packages/', pathNot: '^packages/(relying-app|core|protocol)/' },
  },
  {
    name: 'browser-imports-protocol-only',
    from: { path: '^packages/browser/', pathNot: TEST_CODE },
    to: { path: '^packages/', pathNot: '^packages/(browser|protocol)/' },
  },
  {
    name: 'browser-imports-only-types-from-protocol',
    comment: 'A value would bring the schemas, and Valibot with them, into the page.',
    from: { path: '^packages/browser/', pathNot: TEST_CODE },
    to: { path: '^packages/protocol/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'react-imports-browser-only',
    from: { path: '^packages/react/', pathNot: TEST_CODE },
    to: { path: '^packages/', pathNot: '^packages/(react|browser)/' },
  },
  {
    name: 'ui-is-independent',
    from: { path: '^packages/ui/', pathNot: TEST_CODE },
    to: { path: '^packages/', pathNot: '^packages/ui/' },
  },
  {
    name: 'pages-import-no-server-code',
    comment: 'Types are erased; anything else of a server would end up in what the browser downloads.',
    from: { path: '^apps/[^/]+/page/', pathNot: TEST_CODE },
    to: {
      path: '^(packages/(core|server|relying-app)|apps/[^/]+/(src|server|reporter))/',
      pathNot: `^apps/sso/src/(${SHARED_WITH_PAGES})[.]ts$`,
      dependencyTypesNot: ['type-only'],
    },
  },
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: rules.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: ['node_modules', TEST_CODE] },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
