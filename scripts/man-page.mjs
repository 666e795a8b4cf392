// Writes docs/tsdig.1 from the option table of the command itself (`npm run man`, after a build).
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const { commandDefinition } = await import('../dist/cli/options.js');
const { OPTION_GROUPS, CHISEL_OPTION } = await import('../dist/cli/help.js');
const { TOPIC_TEXTS } = await import('../dist/cli/topic_texts.js');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const plain = (text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
const options = new Map(commandDefinition().options.map((option) => [option.long?.slice(2) ?? '', option]));
const entry = (flags, text) => {
  const shown = plain(flags)
    .replace(/(\\-\\-?[\w]+(?:\\-[\w]+)*)/g, '\\fB$1\\fR')
    .replace(/<([^>]+)>/g, '\\fI$1\\fR');
  return `.TP\n${shown}\n${plain(text)}\n`;
};

let out = `.\\" Made by scripts/man-page.mjs from the option table: edit that, not this.
.TH TSDIG 1 "" "tsdig ${version}" "User Commands"
.SH NAME
tsdig \\- container\\-aware system call capture
.SH SYNOPSIS
.B tsdig
[\\fIoptions\\fR] [\\fIfilter\\fR]
.br
.B tsdig
[\\fIoptions\\fR] \\fB\\-\\-\\fR \\fIcommand\\fR [\\fIarguments\\fR]
.br
.B tsdig
\\fBhelp\\fR [\\fItopic\\fR] | \\fBdoctor\\fR | \\fBconfig\\fR | \\fBcompletion\\fR \\fIshell\\fR
.SH DESCRIPTION
Watches what programs and containers do through their system calls: live through eBPF, or from capture files in the
scap format. Events are chosen by a filter, printed one per line, written to a file, or summarised by chisels.
.SH OPTIONS
`;
for (const [title, names] of OPTION_GROUPS) {
  out += `.SS ${title}\n`;
  if (title === 'What is printed') out += entry(...CHISEL_OPTION);
  for (const name of names) {
    const option = options.get(name);
    if (option) out += entry(option.flags, option.description);
  }
}
for (const text of Object.values(TOPIC_TEXTS)) {
  const [title, ...lines] = text.trimEnd().split('\n');
  out += `.SH ${plain(title.split(':')[0]).toUpperCase()}\n.nf\n${plain(lines.join('\n').replace(/^\n+/, ''))}\n.fi\n`;
}
out += `.SH FILES
.TP
\\fI~/.config/tsdig/config.toml\\fR
Defaults; \\fBtsdig config\\fR shows them and the variables TSDIG_* that go before them.
.TP
\\fI./chisels, ~/.chisels\\fR
Chisels of one's own.
.SH EXIT STATUS
0 when all went well, 1 when a capture or a chisel failed, 2 for a wrong command line.
.SH SEE ALSO
.BR sysdig (8),
.BR strace (1),
.BR bpf (2)
`;
writeFileSync(join(root, 'docs/tsdig.1'), out);
