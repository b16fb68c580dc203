/**
 * Serves the built account page: its document, and its assets, which are named by a hash of their content.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import { HttpProblem } from '@samesite-sso/core';
import { pageCsp, routeCsp } from '@samesite-sso/server';
import type { FastifyInstance } from 'fastify';
import { ACCOUNT_PATHS } from './paths.ts';

const BUILD_FOLDER = fileURLToPath(new URL('../../dist/', import.meta.url));

export async function servePage(
  scope: FastifyInstance,
  { folder = BUILD_FOLDER }: { folder?: string },
): Promise<void> {
  const documentFile = path.join(folder, 'index.html');
  if (!existsSync(documentFile)) {
    scope.log.warn('the account page is not built: run "pnpm build"; only its endpoints work until then');
    scope.get('/', async () => {
      throw new HttpProblem('not-found', { logReason: 'the account page is not built' });
    });
    return;
  }
  const document = readFileSync(documentFile, 'utf8');
  scope.get('/', routeCsp(pageCsp()), async (_request, reply) => {
    reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8');
    return document;
  });
  await scope.register(fastifyStatic, {
    root: path.join(folder, ACCOUNT_PATHS.assets),
    prefix: ACCOUNT_PATHS.assets,
    wildcard: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
  });
}
