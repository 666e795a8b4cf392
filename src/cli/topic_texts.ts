/** The pages of `tsdig help TOPIC`. */
export const TOPIC_TEXTS: Readonly<Record<string, string>> = {
  filters: `Filters: which events you see

  tsdig proc.name=cat and evt.type=open
  tsdig 'container.name=web and (fd.port=80 or fd.port=443)'
  tsdig 'evt.failed=true and not proc.name in (sshd, systemd)'

A filter compares fields with values and joins the comparisons with and, or, not and
parentheses. Quote it for the shell when it holds < > ( ) or *.

  =  !=  <  <=  >  >=         equal, different, smaller …
  contains  icontains         holds this text (i: whatever the case)
  startswith  endswith        begins or ends with it (istartswith, iendswith)
  glob  iglob                 * ? [a-z] as in a shell, on the whole value
  regex                       regular expression, on the whole value
  in (a, b, c)                is one of these
  intersects (a, b)           for lists: one of its values is one of these
  pmatch (/etc, /usr/lib)     a path is one of these folders or lies below one
  exists                      the event has this field at all

Values may have units: evt.latency > 10ms, evt.buflen >= 4KB.
An event without the field never matches a comparison, not even != ; "not proc.name=x" does match it.
The right side can be a field: proc.name = val(proc.pname). The left side can be changed first:
tolower(proc.name), basename(fd.name), len(evt.buffer), b64(...), toupper, concat, join.

evt.type=open also matches openat and openat2, which is what today's programs call.
syscall.type=open means exactly open.

tsdig --explain 'FILTER' shows which part of a filter the kernel decides by itself.
tsdig help fields names what can be compared; tsdig -l lists all of it.
`,
  fields: `Fields: what an event can tell

  evt.type  evt.dir  evt.time  evt.args  evt.res  evt.failed  evt.latency  evt.buffer  evt.cpu
  proc.name  proc.pid  proc.cmdline  proc.exepath  proc.cwd  proc.pname  proc.aname[2]  proc.env[HOME]
  thread.tid  thread.vtid  user.name  user.uid  group.name
  fd.name  fd.type  fd.num  fd.directory  fd.filename  fd.ip  fd.port  fd.cip  fd.sip  fd.l4proto
  container.name  container.id  container.image  container.type  container.label.NAME
  k8s.pod.name  k8s.ns.name

evt.arg.NAME is an argument of the call as it is printed, evt.rawarg.NAME its number.
proc.aname[n] is the n-th ancestor's name; without [n] a filter tries all ancestors.

The same fields serve in filters, in output formats (-p '%proc.name %fd.name') and in chisels.
tsdig -l lists them, -lv with types and arguments, --list-markdown as tables; -L lists the events.
`,
  chisels: `Chisels: small programs that summarise events

  tsdig -cl                                what there is
  tsdig -i topprocs_cpu                    what one does, and its arguments
  tsdig -c topprocs_cpu                    run it live
  tsdig -pc -c topprocs_net container.name=web
  tsdig -r trace.scap -c fdbytes_by fd.name
  tsdig -c ./mine.lua 'arg1 arg2'

A filter at the end applies to all of them; several -c run on the same events.
With -pc tables have a container column; with -j they come as JSON.

Chisels are Lua scripts, and those written for sysdig run unchanged. They are looked for in ./chisels
(if it is yours or root's), ~/.chisels, the folders of TSDIG_CHISEL_DIR, and among those that come with tsdig.
tsdig --new-chisel NAME writes one to start from; docs/chisels.md is the tutorial and the reference.
`,
  output: `Output: how events are shown

  tsdig                       number time cpu process (thread) direction event arguments
  tsdig -pc                   with the container
  tsdig -p '%proc.name %fd.name'      your own format; events without one of the fields are left out
  tsdig -p '*%proc.name %fd.name'     … or shown with <NA>
  tsdig -p '%20proc.name|%evt.type'   padded or cut to 20 characters
  tsdig -j                    one JSON object a line

  -t h a r d D iso utc        clock, epoch, since the start, of the call, since the event before, ISO 8601
  -x -X -A -b                 buffers in hex, hex and text, text, base64
  -s 2000                     capture 2000 bytes of each buffer instead of 80
  -v                          whole buffers instead of 40 characters
  --human                     sizes and durations with units: size=4.00KB, %evt.latency as 5.82ms
  -q -S                       print no events, only the summary

Control characters in captured data are shown as such and never reach the terminal. Colours only on a
terminal (--color, NO_COLOR). Data goes to standard output, everything else to standard error.
`,
  files: `Capture files: record now, look later, anywhere

  tsdig -w trace.scap container.name=web       record (-z compresses)
  tsdig -r trace.scap proc.name=nginx          replay with any filter, format or chisel, without root
  tsdig -r a.scap -r b.scap                    several files, merged by time
  zcat trace.scap.gz | tsdig -r -              from standard input
  tsdig -r big.scap -w small.scap fd.port=443  cut a part out

  -C 100 -W 10    files of 100 MB, the last ten kept
  -G 60           a new file every minute (with % in the name: its time)
  -e 1000000      a new file every so many events
  -F              with a filter: keep, hidden, what later events need to be understood
  --filter-proclist   write only those processes that the filter lets pass

The format is scap: sysdig, falco and Stratoshark read the files, tsdig reads theirs.
Ctrl-C leaves a complete file. A damaged file gives all that is whole, then says where it breaks.
`,
  containers: `Containers

  tsdig -pc                                        containers in every line
  tsdig -pc -c topprocs_cpu container.name=web
  tsdig 'container.image contains nginx'
  tsdig container.id=host                          only what runs outside containers
  tsdig -c lscontainers

Docker, Podman (also rootless), containerd and CRI-O, LXC/LXD and systemd-nspawn are recognised by
their cgroups (v1, v2 and both); names, images, labels and pods come from the engines' sockets:
  --docker-socket PATH or DOCKER_HOST, CONTAINER_HOST; --cri PATH for a CRI runtime.

A new container's events wait for its name at most --container-wait ms (default 300). An engine that
does not answer costs only the names. From inside a container: mount the host's /proc, /sys and sockets
and set TSDIG_HOST_ROOT (see README).
`,
};
