# The image watches the host it runs on:
#   docker run --rm -it --privileged --net host --pid host \
#     -v /var/run/docker.sock:/host/var/run/docker.sock -v /proc:/host/proc:ro -v /sys:/host/sys:ro \
#     -v /etc:/host/etc:ro tsdig -pc -c topprocs_cpu
ARG BASE=node:22-bookworm-slim

FROM ${BASE} AS build
RUN apt-get update -q && apt-get install -y -q --no-install-recommends clang libbpf-dev libelf-dev zlib1g-dev make g++ python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/tsdig
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build && node scripts/build-native.mjs && npm prune --omit=dev --ignore-scripts

FROM ${BASE}
RUN apt-get update -q && apt-get install -y -q --no-install-recommends libbpf1 libelf1 zlib1g && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/tsdig /opt/tsdig
ENV TSDIG_HOST_ROOT=/host
ENTRYPOINT ["node", "/opt/tsdig/dist/cli/main.js"]
