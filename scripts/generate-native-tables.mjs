// Writes native/bpf/tables.generated.h (plans, ops, value maps), native/syscalls.generated.h (system call → plans) and
// native/call_names.generated.h (system call → the kernel's name of its tracepoint)
// from src/scap/data/ and native/params.json. Run it after changing either.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const load = (name) => JSON.parse(readFileSync(`${root}/${name}`, 'utf8'));
const events = load('src/scap/data/events.json');
const maps = load('src/scap/data/kernel-to-scap.json');
const params = load('native/params.json');
const ia32 = load('native/syscalls-ia32.json');
const byName = new Map(events.map((e) => [e.name.slice(5), e]));

const WIDTH = {
  PT_INT8: 1,
  PT_UINT8: 1,
  PT_FLAGS8: 1,
  PT_ENUMFLAGS8: 1,
  PT_SIGTYPE: 1,
  PT_INT16: 2,
  PT_UINT16: 2,
  PT_FLAGS16: 2,
  PT_ENUMFLAGS16: 2,
  PT_SYSCALLID: 2,
  PT_INT32: 4,
  PT_UINT32: 4,
  PT_FLAGS32: 4,
  PT_ENUMFLAGS32: 4,
  PT_UID: 4,
  PT_GID: 4,
  PT_SIGSET: 4,
  PT_MODE: 4,
  PT_INT64: 8,
  PT_UINT64: 8,
  PT_ERRNO: 8,
  PT_FD: 8,
  PT_PID: 8,
  PT_RELTIME: 8,
  PT_ABSTIME: 8,
};

// Ops that the interpreter does itself: a fixed-size value from an argument or the result.
const FIXED = ['ret', 'arg', 'sarg', 'const', 'sc', 'nr'];
// Ops that call out: fixed-size values that need a look elsewhere. [name, ...]
const VALUES = [
  'map',
  'mask',
  'rets32',
  'retsize',
  'pos',
  'deref32',
  'deref64',
  'iovsize',
  'msgsize',
  'timespec',
  'sigset',
  'openmode',
  'openflags',
  'openflagsx',
  'how',
  'dev',
  'ino',
  'layers',
  'sv',
  'svsock',
  'pipefd',
  'pipeino',
  'queue',
  'optname',
  'rlimit',
  'rlimitset',
  'rlimitnew',
  'rlimitold',
  'vm',
  'task',
  'cred',
  'exe_ino',
  'cloneflags',
  'sembuf',
  'semval',
  'mountflags',
  'quota',
  'mmsg',
  'mknodmode',
  'prctlarg',
  'uring',
];
// Ops of variable size.
const TEXTS = [
  'str',
  'strret',
  'datar',
  'dataw',
  'iovr',
  'iovw',
  'msgr',
  'msgw',
  'control',
  'mmsgr',
  'mmsgw',
  'sockaddr',
  'tuple',
  'fdlist',
  'optval',
  'exe',
  'rest',
  'cwd',
  'comm',
  'cgroups',
  'env',
  'exepath',
  'ptaddr',
  'ptdata',
  'callexe',
  'callargs',
  'callenv',
  'callfile',
  'prctlname',
  'fdpath',
  'fsbytes',
  'fstext',
];
const KINDS = [...FIXED, ...VALUES, ...TEXTS];
const PATH_BOUND = {
  str: 4096,
  strret: 4096,
  sockaddr: 128,
  tuple: 160,
  fdlist: 2 + 16 * 10,
  optval: 256,
  exe: 4096,
  rest: 0,
  comm: 16,
  cgroups: 4096,
  env: 4096,
  exepath: 4096,
  cwd: 4096,
  prctlname: 17,
  fdpath: 4096,
  fsbytes: 0,
  fstext: 4096,
  ptaddr: 9,
  ptdata: 9,
  callexe: 4096,
  callargs: 4096,
  callenv: 4096,
  callfile: 4096,
  datar: 0,
  dataw: 0,
  iovr: 0,
  iovw: 0,
  msgr: 0,
  msgw: 0,
  control: 0,
  mmsgr: 0,
  mmsgw: 0,
};
const DATA = new Set([
  'datar',
  'dataw',
  'iovr',
  'iovw',
  'msgr',
  'msgw',
  'control',
  'mmsgr',
  'mmsgw',
  'fsbytes',
]);
const TASK = [
  'tid',
  'pid',
  'ptid',
  'fdlimit',
  'majflt',
  'minflt',
  'vtid',
  'vpid',
  'pidns',
  'tty',
  'vpgid',
  'pgid',
  'loginuid',
  'exeflags',
];
const CRED = ['euid', 'egid', 'inh', 'prm', 'eff'];
const SUB = {
  vm: ['size', 'rss', 'swap'],
  task: TASK,
  cred: CRED,
  exe_ino: ['ino', 'ctime', 'mtime'],
  queue: ['pct', 'len', 'max'],
  how: ['flags', 'mode', 'resolve'],
  tuple: ['out', 'in'],
  uring: ['flags', 'features'],
};
const mapNames = Object.keys(maps).filter((n) =>
  ['bits', 'enum', 'enum+bits', 'pairs'].includes(maps[n].kind),
);

/** `fd0`, `a1`, `s2`, `map:open_flags:1`, `task:tid`, `str0`, `tuple:out:4` … → the packed op. */
function parseOp(text, param, where) {
  const width = WIDTH[param.type] ?? 0;
  const pack = (kind, arg = 0, extra = 0) => {
    if (KINDS.indexOf(kind) < 0) throw new Error(`${where}: no op ${text}`);
    if (TEXTS.includes(kind) !== (width === 0))
      throw new Error(`${where}: ${text} does not fit ${param.type}`);
    return { text, kind, word: (KINDS.indexOf(kind) | (arg << 8) | (width << 16) | (extra << 24)) >>> 0 };
  };
  if (/^\d+$/.test(text)) return pack('const', 0, Number(text));
  if (/^a\d$/.test(text)) return pack('arg', Number(text[1]));
  if (/^(s|fd)\d$/.test(text)) return pack('sarg', Number(text.at(-1)));
  const [kind, ...rest] = text.split(':');
  const num = (s) => {
    if (s === undefined) return 0;
    if (/^\d+$/.test(s)) return Number(s);
    const i = kind === 'map' ? mapNames.indexOf(s) : (SUB[kind] ?? []).indexOf(s);
    if (i < 0) throw new Error(`${where}: ${text}: what is ${s}?`);
    return i;
  };
  if (kind === 'map') return pack('map', Number(rest[1]), num(rest[0]));
  return pack(kind, num(rest[0]), num(rest[1]));
}

const ops = [];
const plans = [];
const planOf = new Map();

/** The plan of an event id, made on first use. `full`: with the parameters that not every reader takes. */
function plan(id, full = false) {
  const ev = events[id];
  const key = ev.name.slice(5);
  const name = full ? `${key}_FULL` : key;
  const known = planOf.get(name);
  if (known !== undefined) return known;
  const spec = params.events[key];
  if (spec === undefined) throw new Error(`native/params.json: nothing for ${key}`);
  const list = spec === '' ? [] : spec.split(' ');
  if (full) list.push(...params.full[key].split(' '));
  const count = full ? ev.params.length : ev.writeNparams;
  if (list.length !== count) throw new Error(`${name}: ${list.length} ops, ${count} parameters`);
  const parsed = list.map((t, i) => parseOp(t, ev.params[i], `${name}.${ev.params[i].name}`));
  let max = 26 + 2 * list.length;
  parsed.forEach((p, i) => {
    max += PATH_BOUND[p.kind] ?? WIDTH[ev.params[i].type];
  });
  const flags = ev.flags;
  const life = params.life.includes(ev.evtName) || ev.evtName === 'procexit';
  const state =
    flags.some((f) => ['EF_CREATES_FD', 'EF_DESTROYS_FD', 'EF_MODIFIES_STATE'].includes(f)) &&
    !params.io.includes(ev.evtName);
  plans.push({
    id,
    name,
    n: list.length,
    first: ops.length,
    max,
    prio: life ? 2 : state && ev.direction === 'exit' ? 1 : 0,
    flags:
      (parsed.some((p) => DATA.has(p.kind)) ? 1 : 0) |
      (ev.direction === 'enter' && parsed.some((p) => p.kind === 'str') && ev.nparamsAccepted.includes(0)
        ? 2
        : 0) |
      (parsed.some((p) => p.kind === 'mmsgr' || p.kind === 'mmsgw') ? 4 : 0),
  });
  ops.push(...parsed);
  planOf.set(name, plans.length - 1);
  return plans.length - 1;
}

plan(0);
plan(1);

/** Every system call of an architecture with its plans; `full`: those of the newer event ids, where they differ. */
function sysTable(arch) {
  const table = load(`src/scap/data/syscalls-${arch}.json`);
  const rows = [];
  for (const [nr, s] of Object.entries(table)) {
    const generic = typeof s.compatEnterEvent === 'string' || params.generic.includes(s.name);
    const [enter, exit] = generic ? [0, 1] : [s.compatEnterEvent, s.compatExitEvent];
    const life = s.name.startsWith('execve') ? 3 : params.life.includes(s.name) ? 1 : 0;
    const row = {
      nr: Number(nr),
      name: s.name,
      enter: plan(enter),
      exit: plan(exit),
      sc: s.in0293 ? s.ppmSc : 0,
      life,
    };
    const newer =
      s.exitEvent !== s.compatExitEvent &&
      typeof s.exitEvent === 'number' &&
      !params.alwaysCompat.includes(s.name);
    // An enter event that is not to be written has no count: see writeNparams.
    if (newer)
      row.full = [
        events[s.enterEvent].writeNparams === null ? undefined : plan(s.enterEvent),
        plan(s.exitEvent),
      ];
    else if (!generic && params.full[events[exit].name.slice(5)] !== undefined)
      row.full = [row.enter, plan(exit, true)];
    rows.push(row);
  }
  return rows;
}
const arches = { x86_64: sysTable('x86_64'), aarch64: sysTable('aarch64') };
for (const [enter, exit] of Object.values(ia32.specialEvents)) {
  plan(enter);
  plan(exit);
}
const tracepoints = Object.fromEntries(params.tracepoints.map((n) => [n, plan(byName.get(n).id)]));
for (const n of Object.keys(params.full)) tracepoints[`${n}_FULL`] = plan(byName.get(n).id, true);
if (ops.length > 2048 || plans.length > 512) throw new Error('tables of native/layout.h are too small');

/** C for one kernel-to-scap map: the value `v` in, the stored value out. */
function mapBody(m, arch) {
  const lines = [];
  const bits = (table) => {
    // Bits that move by the same distance are moved together.
    const groups = new Map();
    for (const [k, set] of Object.entries(table)) {
      const from = Number(k);
      for (let b = 1; b <= set; b *= 2) {
        if (Math.floor(set / b) % 2 === 0) continue;
        const shift = Math.log2(b) - Math.log2(from);
        groups.set(shift, (groups.get(shift) ?? 0) + from);
      }
    }
    for (const [shift, mask] of groups) {
      const move = shift === 0 ? '' : shift > 0 ? ` << ${shift}` : ` >> ${-shift}`;
      lines.push(`r |= (v & ${mask}ull)${move};`);
    }
  };
  if (m.kind === 'bits') {
    let table = { ...m.bits };
    if (m.accmode) {
      lines.push('r |= (v & 3) == 3 ? 0 : (v & 3) + 1;');
      // Directory, nofollow, direct and largefile have other numbers on arm64.
      if (arch === 'arm64') {
        const moved = { 65536: 16384, 131072: 32768, 16384: 65536, 32768: 131072 };
        table = Object.fromEntries(Object.entries(table).map(([k, v]) => [moved[k] ?? k, v]));
      }
    }
    bits(table);
  } else if (m.kind === 'pairs') {
    for (const p of m.pairs) lines.push(`r |= (v & ${p.mask}) ? ${p.set} : ${p.clear};`);
  } else {
    const table = m.map ?? m.enum;
    const rest = m.orBits ? Object.values(m.orBits).reduce((a, b) => a + b, 0) : 0;
    lines.push(`switch (v${rest ? ` & ~${rest}ull` : ''}) {`);
    const groups = new Map();
    for (const [k, value] of Object.entries(table)) {
      if (value === m.default) continue;
      groups.set(value, [...(groups.get(value) ?? []), k]);
    }
    const same = [...groups].filter(([value, keys]) => keys.length === 1 && Number(keys[0]) === value);
    const runs = [];
    for (const [value] of same.sort((a, b) => a[0] - b[0])) {
      const last = runs.at(-1);
      if (last && last[1] === value - 1) last[1] = value;
      else runs.push([value, value]);
    }
    for (const [a, b] of runs)
      lines.push(`case ${a}${b > a ? ` ... ${b}` : ''}: r = v${rest ? ` & ~${rest}ull` : ''}; break;`);
    for (const [value, keys] of groups) {
      if (same.some(([v]) => v === value)) continue;
      lines.push(`${keys.map((k) => `case ${k}:`).join(' ')} r = ${value}; break;`);
    }
    lines.push(`default: r = ${m.default}; break;`, '}');
    if (rest) lines.push(`r |= v & ${rest};`);
  }
  return lines;
}

const head = '/* Made by scripts/generate-native-tables.mjs: do not edit. */\n';
let out = `${head}#ifndef TSDIG_TABLES_H\n#define TSDIG_TABLES_H\n\n`;
out += `enum tsdig_kind {\n${KINDS.map((k) => `    OP_${k.toUpperCase()},`).join('\n')}\n};\n`;
out += `#define OP_LAST_FIXED OP_${FIXED.at(-1).toUpperCase()}\n#define OP_LAST_VALUE OP_${VALUES.at(-1).toUpperCase()}\n\n`;
for (const [kind, names] of Object.entries(SUB)) {
  out += `enum { ${names.map((n) => `${kind.toUpperCase()}_${n.toUpperCase()}`).join(', ')} };\n`;
}
out += '\n';
for (const [name, index] of Object.entries(tracepoints)) out += `#define PLAN_${name} ${index}\n`;
out += `\n#ifdef TSDIG_WITH_PLANS\nstatic const volatile struct tsdig_plan tsdig_plans[TSDIG_MAX_PLANS] = {\n`;
for (const p of plans)
  out += `    {${p.id}, ${p.n}, ${p.first}, ${Math.min(p.max, 65500)}, ${p.prio}, ${p.flags}, 0}, /* ${p.name} */\n`;
out += `};\n\nstatic const volatile tsdig_op tsdig_ops[TSDIG_MAX_OPS] = {\n`;
for (const p of plans) {
  if (p.n === 0) continue;
  const own = ops.slice(p.first, p.first + p.n);
  out += `    /* ${p.name} */\n    ${own.map((o) => `0x${o.word.toString(16)}, /* ${o.text} */`).join(' ')}\n`;
}
out += `};\n\n/* Kernel value to stored value. */\n__noinline u64 map_value(u64 v, u32 map) {\n    u64 r = 0;\n    switch (map) {\n`;
mapNames.forEach((n, i) => {
  const x86 = mapBody(maps[n], 'x86');
  const arm = mapBody(maps[n], 'arm64');
  out += `    case ${i}: /* ${n} */\n`;
  const body = (lines) => lines.map((l) => `        ${l}\n`).join('');
  if (x86.join() === arm.join()) out += body(x86);
  else out += `#if defined(__TARGET_ARCH_arm64)\n${body(arm)}#else\n${body(x86)}#endif\n`;
  out += '        break;\n';
});
out += `    }\n    return r;\n}\n`;
for (const [i, n] of mapNames.entries()) out += `#define MAP_${n.toUpperCase()} ${i}\n`;
out += `\n#if defined(__TARGET_ARCH_x86)\n/* 32-bit system calls: the number of the same call for 64 bits. */\nstatic const volatile u16 tsdig_ia32[TSDIG_MAX_SYSCALLS] = {\n`;
const x86nr = new Map(arches.x86_64.map((r) => [r.name, r.nr]));
for (let nr = 0; nr < 512; nr++) {
  const name = ia32.calls[nr];
  const to = name === undefined ? undefined : (ia32.special[name] ?? x86nr.get(ia32.sameAs[name] ?? name));
  out += `    ${to ?? 511},${name === undefined ? '' : ` /* ${nr} ${name} */`}\n`;
}
out += `};\n#endif\n#endif\n\n#endif\n`;
writeFileSync(`${root}/native/bpf/tables.generated.h`, out);

let sys = `${head}#include "layout.h"\n\n`;
for (const [arch, macro] of [
  ['x86_64', '__x86_64__'],
  ['aarch64', '__aarch64__'],
]) {
  sys += `#if defined(${macro})\nstatic const struct tsdig_sys tsdig_syscalls[TSDIG_MAX_SYSCALLS] = {\n`;
  for (const r of arches[arch])
    sys += `    [${r.nr}] = {${r.enter}, ${r.exit}, ${r.sc}, ${r.life}}, /* ${r.name} */\n`;
  if (arch === 'x86_64') {
    for (const [name, nr] of Object.entries(ia32.special)) {
      const x = ia32.specialEvents[name];
      sys += `    [${nr}] = {${plan(x[0])}, ${plan(x[1])}, ${x[2]}, 0}, /* 32-bit ${name} */\n`;
    }
  }
  sys += `};\n/* What not every reader of the format takes, newer event ids above all: number, enter, exit. */\nstatic const unsigned short tsdig_full[][3] = {\n`;
  for (const r of arches[arch])
    if (r.full) sys += `    {${r.nr}, ${r.full[0] ?? 'TSDIG_NO_PLAN'}, ${r.full[1]}}, /* ${r.name} */\n`;
  sys += `};\n#endif\n\n`;
}
writeFileSync(`${root}/native/syscalls.generated.h`, sys);

/** Calls that the kernel's source has under another name than its table of calls. */
const NAMES_IN_SOURCE = {
  stat: 'newstat',
  fstat: 'newfstat',
  lstat: 'newlstat',
  sendfile: 'sendfile64',
  uname: 'newuname',
  umount2: 'umount',
};
let names = `${head}#include "layout.h"\n\n/* Names of calls as their tracepoints have them. */\nstatic const char *const call_names[TSDIG_MAX_SYSCALLS] = {\n#if defined(__x86_64__)\n`;
for (const r of arches.x86_64) names += `    [${r.nr}] = "${NAMES_IN_SOURCE[r.name] ?? r.name}",\n`;
writeFileSync(`${root}/native/call_names.generated.h`, `${names}#endif\n};\n`);
console.log(`${plans.length} plans, ${ops.length} ops, ${mapNames.length} maps`);
