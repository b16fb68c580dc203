/** Serves the built page: the document with this app's settings, and its assets, named by their hash. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { pageCsp } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import type { PageServer } from './app.ts';
import type { Config } from './config.ts';

const BUILT = fileURLToPath(new URL('../dist/', import.meta.url));
const DOCUMENT = `${BUILT}index.html`;

async function serve(app: FastifyInstance, config: Config): Promise<void> {
  if (!existsSync(DOCUMENT)) {
    app.log.warn('the page is not built, so this app serves only its endpoints; run "pnpm build"');
    return;
  }
  const document = fillSettings(readFileSync(DOCUMENT, 'utf8'), config);
  app.get('/', async (_request, reply) => {
    // So that after a sign-out, the back button doesn't show the page as it was.
    reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8');
    // A passkey that a page creates replaces the one of the same user handle on that device (WebAuthn
    // Level 3, section 6.3.2). Passkeys are created on the account page only.
    reply.header('Permissions-Policy', 'publickey-credentials-create=()');
    return document;
  });
  await app.register(fastifyStatic, {
    root: `${BUILT}assets`,
    prefix: '/assets/',
    wildcard: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
  });
}

/**
 * Hands the app's settings to the page, since one build serves every app. They fill the placeholders in
 * attributes of `index.html`: the page's policy forbids inline scripts.
 */
export function fillSettings(html: string, { name, ssoOrigin, signIn, otherApp, link }: Config): string {
  const optional = { ...(otherApp && { otherApp }), ...(link && { link }) };
  const settings = JSON.stringify({ name, ssoOrigin, signIn, ...optional });
  const escaped = settings.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return html.replace('%APP%', () => escaped).replaceAll('%SSO_ORIGIN%', ssoOrigin);
}

const content = ({ ssoOrigin }: Config) => pageCsp(ssoOrigin);

export const servePage: PageServer = Object.assign(serve, { content });
