// Draws docs/tsdig.svg: a terminal with commands and what they really print, on the recording in examples/.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const CAPTURE = ['-r', join(root, 'examples/web.scap.gz')];
/** The words as typed, and how many lines of the output fit. */
const SCENES = [
  [['-pc', '-c', 'topprocs_cpu', 'container.name=web'], 5],
  [['-pc', '-c', 'spy_users', 'container.name=web'], 5],
  [['-p', '%container.name %proc.name %fd.name %evt.res', 'evt.type=open and evt.failed=true'], 4],
  [['proc.name=wget and evt.type=connect'], 2],
];
const COLUMNS = 104;
const CHAR = { width: 8.4, height: 19 };
const COLORS = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 34: '#79c0ff', 35: '#d2a8ff', 36: '#76e3ea' };

const escapeXml = (text) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);

/** Text with SGR sequences as spans. */
function spans(line) {
  let out = '';
  let style = '';
  let column = 0;
  for (const part of line.split(/(\x1b\[[0-9;]*[A-Za-z])/)) {
    const code = /^\x1b\[([0-9;]*)([A-Za-z])$/.exec(part);
    if (code) {
      const n = code[1] === '' ? 0 : Number(code[1].split(';').at(-1));
      if (code[2] !== 'm') continue;
      if (n === 0) style = '';
      else if (n === 1) style = ' font-weight="bold"';
      else if (n === 2) style = ' fill="#8b949e"';
      else if (COLORS[n]) style = ` fill="${COLORS[n]}"`;
      continue;
    }
    const text = part.slice(0, Math.max(0, COLUMNS - column));
    column += text.length;
    if (text !== '') out += `<tspan${style}>${escapeXml(text)}</tspan>`;
  }
  return out;
}

const quote = (word) => (/[\s%()<>]/.test(word) ? `'${word}'` : word);
const lines = [];
for (const [words, limit] of SCENES) {
  const result = spawnSync(
    process.execPath,
    [join(root, 'dist/cli/main.cjs'), '--color=always', ...CAPTURE, ...words],
    {
      encoding: 'utf8',
      env: { ...process.env, TZ: 'UTC' },
    },
  );
  if (result.status !== 0) throw new Error(result.stderr);
  lines.push(`\x1b[32m$\x1b[0m \x1b[1mtsdig ${words.map(quote).join(' ')}`);
  lines.push(...result.stdout.split('\n').slice(0, limit), '');
}
const width = Math.round(COLUMNS * CHAR.width + 40);
const height = lines.length * CHAR.height + 56;
const body = lines.map(
  (line, i) => `<text x="20" y="${56 + i * CHAR.height}" xml:space="preserve">${spans(line)}</text>`,
);
const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
  (color, i) => `<circle cx="${24 + i * 20}" cy="20" r="6" fill="${color}"/>`,
);
writeFileSync(
  join(root, 'docs/tsdig.svg'),
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>tsdig in a terminal</title>
<rect width="100%" height="100%" rx="10" fill="#0d1117"/>
${dots.join('')}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">
${body.join('\n')}
</g>
</svg>
`,
);
