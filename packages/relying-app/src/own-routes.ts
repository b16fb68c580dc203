/**
 * Registers the plugin's routes. A route that the app has too is refused at start, with what to do about it.
 */
import { ConfigError } from '@samesite-sso/core';
import type { FastifyInstance, FastifyPluginAsync, RouteOptions } from 'fastify';

/**
 * Registers routes below a path.
 *
 * @throws {ConfigError} when the app has one of them already. If the app adds one later, in the plugin's scope
 *   or below it, that call throws.
 */
export async function registerOwnRoutes(
  app: FastifyInstance,
  basePath: string,
  routes: FastifyPluginAsync,
): Promise<void> {
  const own = new Set<string>();
  await app.register(
    async (scope) => {
      // Fastify calls the hook before it adds the route. Its own error wouldn't mention this plugin.
      scope.addHook('onRoute', (route) => {
        for (const method of methodsOf(route)) {
          if (app.hasRoute({ method, url: route.url })) throw routeConflict(method, route.url);
          own.add(`${method} ${route.url}`);
        }
      });
      await routes(scope, {});
    },
    { prefix: basePath },
  );
  app.addHook('onRoute', (route) => {
    // A route with constraints, such as a host, doesn't conflict.
    if (Object.keys(route.constraints ?? {}).length > 0) return;
    for (const method of methodsOf(route)) {
      if (own.has(`${method} ${route.url}`)) throw routeConflict(method, route.url);
    }
  });
}

function methodsOf({ method }: RouteOptions): string[] {
  return [method].flat();
}

function routeConflict(method: string, url: string): ConfigError {
  return new ConfigError(
    `${method} ${url} is a route of the app and one of relyingApp: give relyingApp the option basePath, ` +
      `for example "/sso", and createSso on the page the same; "server" in the SSO service's registry then ` +
      'ends in it, too',
  );
}
