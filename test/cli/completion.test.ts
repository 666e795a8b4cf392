import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { type CompletionNames, completeWords } from '../../src/cli/completion.js';
import { isInstalled } from '../installed.js';
import { cleanEnv, folderWithCommand } from './command_line.js';

const names: CompletionNames = {
  fields: async () => ['container.name', 'evt.type', 'proc.name', 'proc.pid'],
  chisels: async () => ['topprocs_cpu', 'topprocs_net', 'spy_users'],
  eventTypes: async () => ['open', 'openat', 'read'],
  containers: async () => ['web', 'db'],
};
const complete = (line: string) => completeWords(line.split(' '), names);

describe('completeWords', () => {
  it.each([
    ['pro', ['proc.name', 'proc.pid']],
    ['-c topp', ['topprocs_cpu', 'topprocs_net']],
    ['-pc container.name=w', ['container.name=web']],
    ['evt.type=open', ['evt.type=open', 'evt.type=openat']],
    ['evt.type!=re', ['evt.type!=read']],
    ['-t i', ['iso']],
    ['help fi', ['filters', 'fields', 'files'].filter((topic) => topic.startsWith('fi'))],
    ['-r x', []],
    ['-c ./mine', []],
  ])('%s', async (line, expected) => {
    expect((await complete(line)).sort()).toEqual([...expected].sort());
  });

  it('offers options', async () => {
    expect(await complete('--wri')).toEqual(['--write']);
    expect(await complete('--')).not.toContain('--k8s-api');
  });
});

const bin = folderWithCommand();
afterAll(() => rmSync(bin, { recursive: true, force: true }));
const shellEnv = cleanEnv({ PATH: `${bin}:${process.env['PATH']}` });
const shell = (program: string, args: string[]): string =>
  spawnSync(program, args, { encoding: 'utf8', env: shellEnv, timeout: 30_000 }).stdout;

describe('completion in real shells', () => {
  // What bash hands over: words are broken at "=", and only what stands behind the last break is replaced.
  const bash = (line: string, words: string[]): string[] =>
    shell('bash', [
      '-c',
      `source <(tsdig completion bash)
COMP_LINE=$1 COMP_POINT=\${#1}; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _tsdig; printf '%s\\n' "\${COMPREPLY[@]}"`,
      'bash',
      line,
      ...words,
    ])
      .trim()
      .split('\n');

  it('bash', () => {
    expect(bash('tsdig -c topprocs_', ['tsdig', '-c', 'topprocs_'])).toContain('topprocs_cpu');
    expect(bash('tsdig evt.type=opena', ['tsdig', 'evt.type', '=', 'opena'])).toEqual(
      ['openat', 'openat2'].slice(0, 2),
    );
    expect(bash('tsdig --exp', ['tsdig', '--exp'])).toEqual(['--explain']);
    expect(bash('tsdig ', ['tsdig', ''])).toContain('proc.name');
  });

  it.runIf(isInstalled('zsh'))('zsh', () => {
    // compadd is what hands candidates to zsh: here it prints them.
    const script = `compdef() { :; }; compadd() { [[ $1 == -Q ]] && shift; [[ $1 == -a ]] && print -l -- "\${(@P)2}"; }; _files() { print FILES; }
source <(tsdig completion zsh)
words=(tsdig "$@"); CURRENT=$#words; _tsdig`;
    const zsh = (...words: string[]): string[] =>
      shell('zsh', ['-f', '-c', script, 'zsh', ...words])
        .trim()
        .split('\n');
    expect(zsh('-c', 'topprocs_')).toContain('topprocs_net');
    expect(zsh('evt.type=opena')).toContain('evt.type=openat');
    expect(zsh('-r', '')).toEqual(['FILES']);
  });

  it.runIf(isInstalled('fish'))('fish', () => {
    const fish = (line: string): string[] =>
      shell('fish', ['--no-config', '-c', `tsdig completion fish | source; complete -C '${line}'`])
        .trim()
        .split('\n');
    expect(fish('tsdig -c topprocs_')).toContain('topprocs_cpu');
    expect(fish('tsdig container.typ')).toContain('container.type');
  });
});
