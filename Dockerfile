# One image for all three processes; docker-compose.yml says which one a container runs. The pages are built, and
# dependencies are fetched, in stages that are thrown away, so no build tool is in it.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/foo/package.json apps/foo/
COPY apps/sso/package.json apps/sso/
COPY packages/browser/package.json packages/browser/
COPY packages/look/package.json packages/look/
COPY packages/protocol/package.json packages/protocol/
COPY packages/react/package.json packages/react/
COPY packages/relying-app/package.json packages/relying-app/
COPY packages/service/package.json packages/service/

FROM manifests AS pages
RUN npx -y "$(node -p 'require("./package.json").packageManager')" install --frozen-lockfile \
  --filter @samesite-sso/foo... --filter @samesite-sso/sso...
COPY . .
RUN for app in foo sso; do (cd apps/$app && node node_modules/vite/bin/vite.js build) || exit 1; done

FROM manifests AS dependencies
RUN npx -y "$(node -p 'require("./package.json").packageManager')" install --frozen-lockfile --prod

FROM ${NODE_IMAGE}
WORKDIR /app
# A new volume takes the owner and the mode of the folder that it is mounted on.
RUN install -d -o node -g node -m 700 /data
COPY --from=dependencies /app ./
COPY . .
COPY --from=pages /app/apps/foo/dist apps/foo/dist
COPY --from=pages /app/apps/sso/dist apps/sso/dist
USER node
