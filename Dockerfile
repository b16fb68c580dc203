# Three images. `sso` is the SSO service with its command line, for production. `demo` adds the app that runs
# as foo and as lorem, the demo accounts, and the lab, which no stage of `sso` needs. These two contain Node,
# our sources, their dependencies, and the system libraries that these need: no shell, no package manager, no
# other program. `nginx` is the load balancer of the demo with several instances, and contains nginx as its
# only program. Other stages build the pages and install the dependencies, and are discarded.
ARG NODE_IMAGE=node:24-bookworm-slim
# Installs Debian's package on NODE_IMAGE. An official nginx image on Debian works, too.
ARG NGINX_IMAGE=debian-nginx

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/foo/package.json apps/foo/
COPY apps/sso/package.json apps/sso/
COPY packages/browser/package.json packages/browser/
COPY packages/core/package.json packages/core/
COPY packages/protocol/package.json packages/protocol/
COPY packages/react/package.json packages/react/
COPY packages/relying-app/package.json packages/relying-app/
COPY packages/server/package.json packages/server/
COPY packages/ui/package.json packages/ui/

FROM manifests AS demo-manifests
COPY apps/lab/package.json apps/lab/

FROM manifests AS pages
RUN npx -y "$(node -p 'require("./package.json").packageManager')" install --frozen-lockfile \
  --filter @samesite-sso/foo... --filter @samesite-sso/sso...
COPY . .
RUN for app in foo sso; do (cd apps/$app && node node_modules/vite/bin/vite.js build) || exit 1; done

FROM demo-manifests AS lab-page
RUN npx -y "$(node -p 'require("./package.json").packageManager')" install --frozen-lockfile \
  --filter @samesite-sso/lab...
COPY . .
RUN cd apps/lab && node node_modules/vite/bin/vite.js build

FROM manifests AS sso-dependencies
RUN npx -y "$(node -p 'require("./package.json").packageManager')" install --frozen-lockfile --prod \
  --filter-prod @samesite-sso/sso...

FROM demo-manifests AS demo-dependencies
RUN npx -y "$(node -p 'require("./package.json").packageManager')" install --frozen-lockfile --prod \
  --filter-prod @samesite-sso/foo... --filter-prod @samesite-sso/sso... --filter-prod @samesite-sso/lab...

FROM ${NODE_IMAGE} AS sso-image
WORKDIR /image
RUN mkdir etc && for file in passwd group; do grep -E '^(root|node):' /etc/$file >etc/$file; done
COPY --from=sso-dependencies /app app
# Packages ship native code for several platforms; ldd fails on the files for other platforms.
RUN for file in /usr/local/bin/node $(find app -name '*.node'); do ldd $file || true; done 2>/dev/null \
  | grep -o '/[^ ]*' | sort -u | xargs cp --parents --dereference --target-directory . /usr/local/bin/node
COPY apps/sso/src app/apps/sso/src
COPY packages/protocol/src app/packages/protocol/src
COPY packages/core/src app/packages/core/src
COPY packages/server/src app/packages/server/src
COPY --from=pages /app/apps/sso/dist app/apps/sso/dist
# Everyone may read and only root may write. The modes in the checkout don’t matter.
RUN find app -name node_modules -prune -o -exec chmod u=rwX,go=rX {} +
# `samesite-sso` on the PATH. The image has no `env`, which the shebang of cli.ts needs.
RUN printf '%s\n' '#!/usr/local/bin/node' "import('/app/apps/sso/src/cli.ts');" >usr/local/bin/samesite-sso \
  && chmod 755 usr/local/bin/samesite-sso
# A new volume takes the owner and the mode of the folder that it is mounted on.
RUN install -d -o node -g node -m 700 data && install -d -m 1777 tmp

FROM sso-image AS demo-image
COPY --from=demo-dependencies /app app
COPY apps/foo/server app/apps/foo/server
COPY apps/lab/cors app/apps/lab/cors
COPY apps/lab/exchange app/apps/lab/exchange
COPY apps/lab/reporter app/apps/lab/reporter
COPY apps/lab/server app/apps/lab/server
COPY apps/sso/apps.compose.json app/apps/sso/
COPY packages/relying-app/src app/packages/relying-app/src
COPY scripts/containers/demo-secrets.ts app/scripts/containers/
COPY scripts/node24.mjs app/scripts/
COPY scripts/site/demo-accounts.ts app/scripts/site/
COPY --from=pages /app/apps/foo/dist app/apps/foo/dist
COPY --from=lab-page /app/apps/lab/dist app/apps/lab/dist
RUN find app -name node_modules -prune -o -exec chmod u=rwX,go=rX {} +
# New volumes take owner and mode from here, as for /data. PostgreSQL reads its secrets as another user.
RUN install -d -o node -g node -m 700 lab secrets/sso secrets/foo \
  && install -d -o node -g node -m 755 secrets/postgres

FROM scratch AS demo
COPY --from=demo-image /image /
WORKDIR /app
USER node

FROM ${NODE_IMAGE} AS debian-nginx
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends nginx-light

FROM ${NGINX_IMAGE} AS nginx-image
WORKDIR /image
RUN ldd /usr/sbin/nginx | grep -o '/[^ ]*' | sort -u \
  | xargs cp --parents --dereference --target-directory . /usr/sbin/nginx
COPY --from=sso-image /image/etc etc
COPY --chmod=644 scripts/containers/nginx.conf etc/nginx/
RUN install -d -m 1777 tmp

FROM scratch AS nginx
COPY --from=nginx-image /image /
USER node

# Last, so that a build without a target builds the image for production.
FROM scratch AS sso
COPY --from=sso-image /image /
WORKDIR /app
USER node
