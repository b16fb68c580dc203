/** The plugin's routes beside those of the app: one of both is told at start, and what to do about it. */
import { StartFault } from '@samesite-sso/service';
import type { FastifyInstance, FastifyPluginAsync, RouteOptions } from 'fastify';

/**
 * Registers routes below a path.
 *
 * @throws {StartFault} where the app has one of them already; so does the app's own call that adds one later, in the
 *   scope of the plugin or below it
 */
export async function registerOwnRoutes(
  app: FastifyInstance,
  basePath: string,
  routes: FastifyPluginAsync,
): Promise<void> {
  const own = new Set<string>();
  await app.register(
    async (scope) => {
      // Fastify calls the hook before it adds the route, which would fail in words that say nothing of this
      // plugin.
      scope.addHook('onRoute', (route) => {
        for (const method of methodsOf(route)) {
          if (app.hasRoute({ method, url: route.url })) throw taken(method, route.url);
          own.add(`${method} ${route.url}`);
        }
      });
      await routes(scope, {});
    },
    { prefix: basePath },
  );
  app.addHook('onRoute', (route) => {
    // With constraints, such as a host, it is another route.
    if (Object.keys(route.constraints ?? {}).length > 0) return;
    for (const method of methodsOf(route)) {
      if (own.has(`${method} ${route.url}`)) throw taken(method, route.url);
    }
  });
}

function methodsOf({ method }: RouteOptions): string[] {
  return [method].flat();
}

function taken(method: string, url: string): StartFault {
  return new StartFault(
    `${method} ${url} is a route of the app and one of relyingApp: give relyingApp the option basePath, for example ` +
      `"/sso", and createSso on the page the same; "server" in the SSO service's registry then ends in it, too`,
  );
}
