/**
 * Why tsdig's answer to a filter is another than sysdig's, by the filters concerned. docs/differences.md tells the same to
 * users; a difference without a reason here fails the suite.
 */
export interface Difference {
  readonly filters: RegExp;
  readonly reason: string;
}

/** Against sysdig 0.36 (libs 0.15.1). */
export const FROM_036: readonly Difference[] = [
  {
    filters:
      /^(proc\.(fdopencount|vmsize|vmrss)>|fd\.(type in|num in|num=3|is_server|uid|connected|ino)|evt\.(type=read|is_io=true) and)/,
    reason:
      'sysdig takes no state from events that its filter rejects: what a filter finds differs from what the same fields print without it',
  },
  {
    filters: /^fd\.(type=file|dev>0)/,
    reason: 'exits that name their fd, such as that of fchmod, are about that fd',
  },
  { filters: /^fd\.(ip|net)=/, reason: 'sysdig leaves the address of a failed connect on the fd' },
  {
    filters: /^fd\.name_changed=/,
    reason: 'sysdig filters before names change, so that nothing ever matches',
  },
  {
    filters: /^thread\.exectime>/,
    reason: 'sysdig filters before CPU time is counted, so that nothing ever matches',
  },
  { filters: /^proc\.sid>/, reason: 'threads belong to the session of their process' },
  { filters: /^container\.(start_ts|duration)>/, reason: 'durations without a known start have no value' },
  {
    filters: /^(user|group)\.(name|homedir)=\/?root/,
    reason: 'the container event that sysdig shows has a user and group',
  },
];

/** Against sysdig 0.29.3, on a recording that it has written itself. tsdig follows 0.36 wherever the two differ. */
export const FROM_0293: readonly Difference[] = [
  { filters: /^not not /, reason: 'a second not takes the first one back since libs 0.7' },
  {
    filters: /^evt\.type\.is\.openat=1/,
    reason: '0.29.3 compares evt.type.is with event ids that no longer occur',
  },
  { filters: /syscall\.type exists/, reason: 'what is a system call changed with the event table' },
  { filters: /^evt\.category/, reason: 'categories changed with the event table' },
  {
    filters: /^evt\.(res contains|latency)/,
    reason: 'events without a thread have no latency, results of unknown errors no name',
  },
  { filters: /^evt\.count\.error/, reason: 'failed opens count as errors on files' },
  { filters: /^evt\.reltime/, reason: '0.29.3 counts from the first event of the file, metadata included' },
  { filters: /buflen/, reason: 'buffer lengths are results of all calls on fds since libs 0.10' },
  {
    filters: /^evt\.(raw)?arg|^evt\.args/,
    reason: 'exit events of ioctl and fcntl have parameters that 0.29.3 does not know',
  },
  {
    filters: /fd\./,
    reason:
      'fds of calls that 0.29.3 does not know, roles and states of sockets, and device numbers follow 0.36',
  },
  {
    filters:
      /proc\.(ppid|pname|aname|apid|pcmdline|exepath|args|nthreads|nchilds|fd|vm|vpid|is_exe_writable|duration)/,
    reason: 'the process tree is kept as 0.36 keeps it',
  },
  { filters: /^thread\.(pf|vm)/, reason: 'memory and faults are counted as 0.36 counts them' },
  { filters: /^(user|group)\./, reason: 'unset login ids and groups of containers as in 0.36' },
  { filters: /^container\.(id|name)/, reason: 'events without a container as in 0.36' },
];

/** Filters that sysdig refuses and tsdig takes, and why. */
export const ACCEPTED: readonly Difference[] = [
  {
    filters: /^(tolower|toupper|b64|len|basename)\(| ?= ?val\(/,
    reason: 'transformers and val() of newer versions',
  },
  { filters: / regex '\^/, reason: 'regex of newer versions' },
  { filters: /^evt\.buffer icontains/, reason: 'text operators work on buffers' },
  { filters: /^evt\.type startswith/, reason: 'only whole names have to be known' },
  {
    filters: /^(evt\.buflen|evt\.rawarg|thread\.(exectime|totexectime|cpu)|proc\.fdusage)/,
    reason: 'sysdig fails on these types',
  },
  { filters: /^fd\.[cs]ip\.name exists/, reason: 'exists is an operator of every field' },
  {
    filters: /^(proc\.env contains|proc\.std(in|out)|container\.(label|host_pid))/,
    reason: 'fields and arguments that only other versions have',
  },
];
