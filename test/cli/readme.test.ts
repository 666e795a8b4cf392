import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanEnv, EXAMPLE, folderWithCommand, ROOT } from './command_line.js';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const recipes = [...readme.matchAll(/```sh recipe\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  block.trim().split('\n'),
);
const bin = folderWithCommand(['-r', EXAMPLE]);
afterAll(() => rmSync(bin, { recursive: true, force: true }));

/** What some recipe must find in the recording. */
const FINDS: Readonly<Record<string, RegExp>> = {
  topprocs_cpu: /^\d+\.\d+% +sh +\d+ +18 +web$/m,
  spy_users: /root@web\) cat shop\.conf/,
  '/etc/shadow': /web root exe \d+/,
  'evt.failed': /web httpd \/srv\/shop\/missing ENOENT/,
  httplog: /url=127\.0\.0\.1:8080\/missing response_code=404/,
  echo_fds: /GET \/catalogue\.json/,
  topconns: /tcp +127\.0\.0\.1:\d+->127\.0\.0\.1:8080/,
  scallslower: / sync/,
  topfiles_bytes: /\/data\/table\.db/,
};

describe('the recipes of the README', () => {
  it('are there', () => expect(recipes.length).toBeGreaterThanOrEqual(10));

  it.each(recipes)('%s', (line) => {
    const result = spawnSync('sh', ['-c', line], {
      encoding: 'utf8',
      env: cleanEnv({ PATH: `${bin}:${process.env['PATH']}` }),
    });
    expect(result.stderr).toBe('');
    expect(result.status).toBe(0);
    expect(result.stdout.trim().split('\n').length).toBeGreaterThan(0);
    const [, wanted] = Object.entries(FINDS).find(([word]) => line.includes(word)) ?? [];
    if (wanted) expect(result.stdout).toMatch(wanted);
  });

  it('names only options that exist', async () => {
    const { commandDefinition } = await import('../../src/cli/options.js');
    const known = new Set(commandDefinition().options.map((option) => option.long));
    const used = [...readme.matchAll(/`tsdig[^`]*?(--[a-z-]+)|`(--[a-z-]+)/g)].map(
      (match) => match[1] ?? match[2],
    );
    // Docker's own.
    const others = new Set(['--privileged', '--cap-add']);
    for (const option of used) if (!others.has(option)) expect(known).toContain(option);
  });
});
