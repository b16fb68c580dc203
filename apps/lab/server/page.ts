/** Serves the built page: one document for its three views, with the lab's settings, and its assets. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { pageCsp } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';
import { escapeHtml } from './documents.ts';
import type { PageServer } from './lab.ts';

const BUILT = fileURLToPath(new URL('../dist/', import.meta.url));
const DOCUMENT = `${BUILT}index.html`;

/** The paths of the page's views. */
export const VIEWS = ['/', '/cors', '/alternatives'] as const;

async function serve(scope: FastifyInstance, config: Config): Promise<void> {
  if (!existsSync(DOCUMENT)) {
    scope.log.warn('the page is not built, so the lab serves only its endpoints; run "pnpm build"');
    return;
  }
  const document = fillSettings(readFileSync(DOCUMENT, 'utf8'), config);
  for (const view of VIEWS) {
    scope.get(view, async (_request, reply) => {
      reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8');
      return document;
    });
  }
  await scope.register(fastifyStatic, {
    root: `${BUILT}assets`,
    prefix: '/assets/',
    wildcard: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
  });
}

/** Hands the lab's settings to the page, in an attribute, since the page's policy forbids inline scripts. */
export function fillSettings(
  html: string,
  { sameSiteOrigin, crossSiteOrigin, fooOrigin, loremOrigin, ssoOrigin }: Config,
): string {
  const settings = { sameSiteOrigin, crossSiteOrigin, fooOrigin, loremOrigin, ssoOrigin };
  return html.replace('%LAB%', () => escapeHtml(JSON.stringify(settings)));
}

/** The page sends requests to the targets, and loads nothing from them. */
const content = ({ sameSiteOrigin, crossSiteOrigin }: Config) => pageCsp(sameSiteOrigin, crossSiteOrigin);

export const servePage: PageServer = Object.assign(serve, { content });
