#!/usr/bin/env bash
# Records examples/web.scap.gz: two containers at work for some seconds. Needs root, Docker and the image that the live
# tests make (busybox). Run from the repository after `npm run build`.
set -euo pipefail
cd "$(dirname "$0")/.."
image=tsdig-test:latest
out=examples/web.scap.gz
whole=$(mktemp)

end() { docker rm --force web db >/dev/null 2>&1 || true; rm -f "$whole"; }
trap end EXIT
docker rm --force web db >/dev/null 2>&1 || true
docker run --detach --network=none --name web "$image" sh -c '
  mkdir -p /srv/shop /etc/shop && echo "<h1>Shop</h1>" >/srv/shop/index.html && echo "db=10.0.0.7" >/etc/shop/shop.conf
  head -c 200000 /dev/urandom | base64 >/srv/shop/catalogue.json
  httpd -p 127.0.0.1:8080 -h /srv/shop && sleep 600' >/dev/null
docker run --detach --network=none --name db "$image" sh -c 'mkdir -p /data && sleep 600' >/dev/null

node dist/cli/main.cjs -M 8 -s 300 -w "$whole" 'evt.type=switch or container.name in (web, db) and
  not evt.type in (rt_sigaction, rt_sigprocmask, brk, mmap, munmap, mprotect, arch_prctl, getuid, getgid, prlimit, prctl,
  set_tid_address, set_robust_list, rseq, getrandom)' &
recorder=$!
sleep 2
docker exec --detach db sh -c 'i=0; while [ $i -lt 12 ]; do echo "row $i" >>/data/table.db; sync; sleep 0.3; i=$((i+1)); done'
docker exec --detach web sh -c '(while :; do n=$((n+1)); done) & sleep 4; kill $!'
for page in / /catalogue.json /missing /; do
  docker exec web wget -q -O /dev/null "http://127.0.0.1:8080$page" || true
  sleep 0.1
done
printf 'cd /etc/shop\ncat shop.conf\ncat /etc/shadow\nls -l /srv/shop\nexit\n' | while read -r line; do
  sleep 0.5
  echo "$line"
done | script -qec 'docker exec -it web sh' /dev/null >/dev/null || true
wait "$recorder"
# Of the scheduler only what brings their threads on and off a processor; of the processes only theirs.
list() { node dist/cli/main.cjs -r "$whole" -p "$1" 'container.name in (web, db)' | sort -u | paste -sd,; }
node dist/cli/main.cjs -r "$whole" -z --filter-proclist -w "$out" \
  "container.id in ($(list %container.id)) or evt.rawarg.next in ($(list %thread.tid))"
ls -l "$out"
