/** The small documents beside the lab's page. They need no build. */
import { readFileSync } from 'node:fs';
import { routeCsp } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import type { Hosts } from './hosts.ts';

const STYLES = '/documents.css';

/** @param scriptOrigins origins whose scripts the document may run besides its own; by default, none run */
export function documentCsp(...scriptOrigins: readonly string[]): Record<string, string[]> {
  return {
    'default-src': ["'none'"],
    'style-src': ["'self'"],
    // Browsers ask for /favicon.ico.
    'img-src': ["'self'"],
    ...(scriptOrigins.length > 0 && { 'script-src': ["'self'", ...scriptOrigins] }),
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  };
}

/**
 * @param paragraphs trusted HTML
 * @param end trusted HTML that follows the paragraphs, such as scripts
 */
export function renderDocument(title: string, paragraphs: readonly string[], end = ''): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${escapeHtml(title)}</title>
    <link rel="stylesheet" href="${STYLES}">
  </head>
  <body>
    <main>
      <h1>${escapeHtml(title)}</h1>
      ${paragraphs.map((paragraph) => `<p>${paragraph}</p>`).join('\n      ')}
      ${end}
    </main>
  </body>
</html>
`;
}

/** For text and for attribute values in double or single quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The files that the documents load, on each host. */
export async function documentFiles(scope: FastifyInstance, { hosts }: { hosts: Hosts }): Promise<void> {
  scope.addHook('onRequest', hosts.require('same-origin', 'same-site', 'cross-site'));
  const files = [
    [STYLES, 'text/css; charset=utf-8'],
    ['/jsonp-reader.js', 'text/javascript; charset=utf-8'],
  ] as const;
  for (const [url, type] of files) {
    const content = readFileSync(new URL(`./documents${url}`, import.meta.url));
    scope.get(url, routeCsp(documentCsp()), async (_request, reply) =>
      reply.header('Cache-Control', 'no-cache').type(type).send(content),
    );
  }
}
