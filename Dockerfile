# syntax=docker/dockerfile:1
# Built and run without anything but this folder: docker build -t gridwarden . && docker run -p 127.0.0.1:8787:8787 -v gridwarden:/data gridwarden
# It listens on all addresses of its container: publish the port to this machine, and put a proxy with TLS before it.

FROM node:22.23.3-bookworm-slim AS build
WORKDIR /app
# The lock file first: dependencies are installed again only when it changes.
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY migrations migrations
COPY src src
COPY web web
RUN npx nest build && npx vite build --config web/vite.config.js

FROM node:22.23.3-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Scripts stay on: one of them lays the links that the embedded PostgreSQL is loaded by.
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:22.23.3-bookworm-slim
# The last: freed buffers of uploads go back to the system at once, some 40 MB less while a large file loads (docs/performance.md).
ENV NODE_ENV=production \
    GRIDWARDEN_DATA_DIR=/data \
    GRIDWARDEN_HOST=0.0.0.0 \
    MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /app
# PostgreSQL refuses to run as root, and so do we: one user owns the data and nothing else.
RUN groupadd --system --gid 10001 gridwarden \
 && useradd --system --uid 10001 --gid gridwarden --home-dir /data --shell /usr/sbin/nologin gridwarden \
 && install -d -o gridwarden -g gridwarden -m 0700 /data
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/web/dist web/dist
COPY package.json ./
COPY rulebook rulebook
USER gridwarden
VOLUME /data
EXPOSE 8787
# The slim image has no curl; /readyz also says no while the database is away.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.GRIDWARDEN_PORT || 8787}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# No shell and no init between Docker and node: SIGTERM reaches the service itself, which finishes its requests, stops
# its database and exits. Its only children are PostgreSQL's, and it waits for those.
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--enable-source-maps", "dist/src/main.js"]
CMD ["serve"]
