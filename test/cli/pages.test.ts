import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChecks } from '../../src/cli/doctor.js';
import { helpPage, OPTION_GROUPS } from '../../src/cli/help.js';
import { commandDefinition } from '../../src/cli/options.js';
import { TOPIC_TEXTS } from '../../src/cli/topic_texts.js';
import { EXAMPLE, ROOT, tsdig } from './command_line.js';

describe('help', () => {
  it('--help', () => {
    expect(tsdig(['--help']).stdout).toBe(helpPage());
    expect(helpPage()).toMatchSnapshot();
  });

  it('names every option once', () => {
    const visible = commandDefinition().options.filter((option) => !option.hidden);
    const grouped = OPTION_GROUPS.flatMap(([, names]) => names);
    expect([...grouped].sort()).toEqual(visible.map((option) => option.long?.slice(2)).sort());
  });

  it.each(Object.keys(TOPIC_TEXTS))('help %s fits a terminal', (topic) => {
    const { stdout, status } = tsdig(['help', topic]);
    expect(status).toBe(0);
    expect(stdout).toMatchSnapshot();
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
  });

  it('the man page is that of these options', () => {
    const page = readFileSync(join(ROOT, 'docs/tsdig.1'), 'utf8').replaceAll('\\', '');
    for (const option of commandDefinition().options) {
      if (option.hidden || !option.long) continue;
      expect(page).toContain(option.long);
      expect(page).toContain(option.description);
    }
  });

  it('the examples of --help are filters and chisels that work', () => {
    expect(tsdig(['-r', EXAMPLE, '-c', 'topfiles_bytes']).status).toBe(0);
    expect(tsdig(['-r', EXAMPLE, 'proc.name=cat', 'and', 'evt.type=open']).status).toBe(0);
  });
});

describe('config', () => {
  it('shows defaults, file and variables, each with its origin', () => {
    const dir = mkdtempSync(join(tmpdir(), 'tsdig-config-'));
    try {
      mkdirSync(join(dir, 'tsdig'));
      writeFileSync(
        join(dir, 'tsdig/config.toml'),
        'print = "%proc.name"\nsnaplen = 200\nchisel_dirs = ["/a", "/b"]\n',
      );
      const env = { XDG_CONFIG_HOME: dir, TSDIG_SNAPLEN: '300' };
      expect(tsdig(['config'], env).stdout.replaceAll(dir, 'DIR')).toMatchSnapshot();
      // The file's format is used, and the command line goes before it.
      const [first] = tsdig(['-r', EXAMPLE, '-n', '1', 'proc.name=wget'], env).stdout.split('\n');
      expect(first).toBe('wget');
      expect(tsdig(['-r', EXAMPLE, '-n', '1', '-p', 'x', 'proc.name=wget'], env).stdout).toBe('x\n');
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

describe('doctor', () => {
  it('has a remedy beside each failure', async () => {
    const checks = await runChecks('/nonexistent');
    for (const check of checks) {
      expect(check.name).not.toBe('');
      expect(check.detail).not.toBe('');
      if (check.state === 'missing') expect(check.remedy).not.toBe('');
    }
    expect(checks.find((check) => check.name === '/proc of the host')?.state).toBe('missing');
  }, 30_000);

  it('prints a line per check, and JSON', () => {
    const { stdout, status } = tsdig(['doctor']);
    expect(stdout).toMatch(/^(ok {2}|FAIL|note) {2}Linux/);
    const checks = JSON.parse(tsdig(['doctor', '-j']).stdout) as { name: string; state: string }[];
    expect(checks.map((check) => check.name)).toContain('native helper');
    expect(status).toBe(checks.some((check) => check.state === 'missing') ? 1 : 0);
  }, 60_000);
});
