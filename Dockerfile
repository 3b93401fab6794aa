# Skein in one image: the same installation and the same build as `npm start`, then only what serving needs, as a user without rights.
# It keeps everything in /data (embedded database, secret key, caches); with DATABASE_URL and SECRET_KEY set, only caches.
ARG NODE=node:24-trixie-slim

FROM ${NODE} AS build
WORKDIR /skein
COPY . .
RUN node scripts/run.mjs build
# Without what only building and testing need, and without the Node that comes among the dependencies: the image has one.
RUN npm prune --omit=dev --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* apps/web/.next/cache .turbo bench e2e

FROM ${NODE}
# Imports, pushes and clones run Git.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /skein
COPY --from=build /skein ./
# Compiled modules are kept there over restarts of a container; everything else of the product belongs to root and stays as it is.
RUN mkdir -p /data node_modules/.cache/skein-modules && chown node:node /data node_modules/.cache/skein-modules
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data NEXT_TELEMETRY_DISABLED=1
USER node
VOLUME /data
EXPOSE 3000
# Ends within 25 seconds of it; give it 30 (`docker stop --time 30`).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "server/src/main.ts"]
