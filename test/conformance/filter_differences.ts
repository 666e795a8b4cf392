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

/**
 * Against sysdig 0.29.3, on a recording that it has written itself, with -d: filters then ask the state behind each event, as tsdig's
 * do. tsdig follows 0.36 wherever the two differ.
 */
export const FROM_0293: readonly Difference[] = [
  { filters: /^not not /, reason: 'a second not takes the first one back since libs 0.7' },
  {
    filters: /^evt\.type\.is\.openat=1/,
    reason: '0.29.3 compares evt.type.is with event ids that no longer occur',
  },
  {
    filters: /^(not )?syscall\.type exists$/,
    reason: '0.29.3 counts procexit and signaldeliver as system calls',
  },
  {
    filters: /^evt\.category( in \(memory|!?=file$)/,
    reason: 'generic events have the category of their call in 0.29.3, and none in 0.36',
  },
  { filters: /^evt\.res contains E$/, reason: 'errors of setpgid have names' },
  { filters: /^evt\.reltime/, reason: '0.29.3 counts from the first event of the file, metadata included' },
  {
    filters: /^evt\.(arg\.(fd|name)|arg\[[12]\]|rawarg\.(fd|flags)|args) /,
    reason: 'exit events of ioctl and fcntl have parameters that 0.29.3 does not know',
  },
  {
    filters: /^evt\.rawarg\.(fd|flags)=/,
    reason: 'exit events of ioctl and fcntl have parameters that 0.29.3 does not know',
  },
  {
    filters: /^(not )?fd\.(num|typechar|name|directory|uid)\b(?!_)/,
    reason:
      'exits of calls relative to a directory, of fchmod and copy_file_range are about their fd since libs 0.10',
  },
  {
    filters: /^fd\.dev(\.m(aj|in)or)?>0$/,
    reason: '0.29.3 gives sockets a device number that was never set',
  },
  {
    filters: /^fd\.l4proto( exists|=udp)$/,
    reason: 'files have no transport protocol, and sockets none before they are used, in 0.36',
  },
  {
    filters: /^fd\.(is_server|connected|name_changed)=|^fd\.cproto exists$/,
    reason: 'roles and states of datagram sockets and of failed connects are those of 0.36',
  },
  {
    filters: /^proc\.(ppid>|pname|aname!|apid|pcmdline contains|nchilds|nthreads>1)/,
    reason:
      '0.29.3 makes up an entry for a parent that it does not know, and counts threads until they are reaped',
  },
  {
    filters: /^proc\.(exepath startswith|args( contains -c|=""$))/,
    reason: 'children take over the path of the program; arguments of a process that is not known',
  },
  { filters: /^proc\.vpid exists$/, reason: 'threads that are not known have ids in 0.36' },
  { filters: /^proc\.is_exe_writable=/, reason: '0.29.3 reads it from another place of the event' },
  { filters: /^user\.login(uid=-1|name exists)$/, reason: 'unset login ids as in 0.36' },
  { filters: /^group\.gid=0$/, reason: '0.29.3 reads group ids of unknown threads as 64 bits' },
  {
    filters: /^container\.(id!?=host|name!=web)/,
    reason: 'threads whose cgroups are not known are on no host in 0.36',
  },
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
