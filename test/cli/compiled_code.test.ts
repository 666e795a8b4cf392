import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const { nodeBuild } = createRequire(import.meta.url)('../../dist/cli/bundle.cjs') as {
  nodeBuild(): string;
};
const COMPILED = `tsdig.js.${nodeBuild()}.cache`;

describe('the compiled code beside the program', () => {
  const work = mkdtempSync(join(tmpdir(), 'tsdig-compiled-'));
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('is named after the Node that made it: V8 crashes on that of another processor', () => {
    expect(COMPILED).toContain(`${process.version}-${process.arch}-`);
    const files = readdirSync(join(ROOT, 'dist/bundle'));
    const built = files.filter((name) => name.endsWith('.cache'));
    // One for each part of the program. Another Node's may have been built here.
    expect(built).toHaveLength(files.filter((name) => name.endsWith('.js')).length);
    expect(built).toContainEqual(expect.stringMatching(/^tsdig\.js\.v\d+\.\d+\.\d+-(x64|arm64)-\d+\.cache$/));
  });

  it('is not needed, and not taken under the name of another build', () => {
    cpSync(join(ROOT, 'dist'), join(work, 'dist'), { recursive: true, preserveTimestamps: true });
    cpSync(join(ROOT, 'package.json'), join(work, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(work, 'node_modules'));
    const bundle = join(work, 'dist/bundle');
    for (const built of readdirSync(bundle).filter((name) => name.endsWith('.cache')))
      renameSync(
        join(bundle, built),
        join(bundle, built.replace(/\.v\d.*\.cache$/, '.v20.0.0-arm64-1.cache')),
      );
    // The modules themselves are not there to fall back on.
    rmSync(join(work, 'dist/cli/command.js'));
    expect(
      execFileSync(process.execPath, [join(work, 'dist/cli/main.cjs'), '--version'], { encoding: 'utf8' }),
    ).toMatch(/^tsdig \d/);
  });

  it('is read in parts: replaying a file takes the first one only', () => {
    const copy = join(work, 'parts');
    cpSync(join(ROOT, 'dist'), join(copy, 'dist'), { recursive: true, preserveTimestamps: true });
    const bundle = join(copy, 'dist/bundle');
    for (const name of readdirSync(bundle)) if (!name.startsWith('tsdig.js')) rmSync(join(bundle, name));
    rmSync(join(copy, 'dist/cli/command.js'));
    const program = join(copy, 'dist/cli/main.cjs');
    const capture = join(ROOT, 'test/fixtures/old-2014.scap');
    const replay = (...words: string[]) =>
      execFileSync(process.execPath, [program, '-r', capture, ...words], { encoding: 'utf8', stdio: 'pipe' });
    expect(replay('-n', '1', 'proc.name=cat and fd.name contains /etc')).toMatch(/^\d+ /);
    expect(replay('-w', join(work, 'out.scap'), 'proc.name=cat')).toBe('');
    // Chisels are in another.
    expect(() => replay('-c', 'topprocs_cpu')).toThrow(/chisel\.js/);
  });

  it('gives way to the modules, with their names and lines, where errors are looked into', () => {
    // That the modules are asked for shows in the copy, where one is missing.
    const env = { ...process.env, TSDIG_DEBUG: '1' };
    const version = (program: string) =>
      execFileSync(process.execPath, [program, '--version'], { encoding: 'utf8', env, stdio: 'pipe' });
    expect(() => version(join(work, 'dist/cli/main.cjs'))).toThrow(/command\.js/);
    expect(version(join(ROOT, 'dist/cli/main.cjs'))).toMatch(/^tsdig \d/);
  });
});
