# The image watches the host that it runs on:
#   docker run --rm -it --privileged --net host --pid host \
#     -v /var/run/docker.sock:/host/var/run/docker.sock -v /proc:/host/proc:ro -v /sys:/host/sys:ro \
#     tsdig -pc -c topprocs_cpu
ARG BASE=node:22-bookworm-slim

FROM ${BASE} AS build
RUN apt-get update -q \
  && apt-get install -y -q --no-install-recommends clang libbpf-dev libelf-dev zlib1g-dev make g++ python3
WORKDIR /src
COPY . .
# The package brings its helper and the libraries that it needs: the image is Node and the package.
RUN npm install --no-save --no-audit --no-fund --ignore-scripts \
  && npm run build && node scripts/prebuild.mjs "$(node -p process.arch)" \
  && npm pack --ignore-scripts \
  && npm install --prefix /opt/tsdig --no-audit --no-fund --ignore-scripts --omit=dev ./tsdig-*.tgz

FROM ${BASE}
COPY --from=build /opt/tsdig /opt/tsdig
ENV TSDIG_HOST_ROOT=/host
ENTRYPOINT ["node", "/opt/tsdig/node_modules/tsdig/dist/cli/main.cjs"]
