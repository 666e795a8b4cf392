import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const { nodeBuild } = createRequire(import.meta.url)('../../dist/cli/node_build.cjs') as {
  nodeBuild(): string;
};
const COMPILED = `tsdig.js.${nodeBuild()}.cache`;

describe('the compiled code beside the program', () => {
  const work = mkdtempSync(join(tmpdir(), 'tsdig-compiled-'));
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  it('is named after the Node that made it: V8 crashes on that of another processor', () => {
    expect(COMPILED).toContain(`${process.version}-${process.arch}-`);
    const built = readdirSync(join(ROOT, 'dist/bundle')).filter((name) => name.endsWith('.cache'));
    // Another Node's may have been built here.
    expect(built).toHaveLength(1);
    expect(built[0]).toMatch(/^tsdig\.js\.v\d+\.\d+\.\d+-(x64|arm64)-\d+\.cache$/);
  });

  it('is not needed, and not taken under the name of another build', () => {
    cpSync(join(ROOT, 'dist'), join(work, 'dist'), { recursive: true, preserveTimestamps: true });
    cpSync(join(ROOT, 'package.json'), join(work, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(work, 'node_modules'));
    const bundle = join(work, 'dist/bundle');
    const [built] = readdirSync(bundle).filter((name) => name.endsWith('.cache'));
    renameSync(join(bundle, built!), join(bundle, 'tsdig.js.v20.0.0-arm64-1.cache'));
    // The modules themselves are not there to fall back on.
    rmSync(join(work, 'dist/cli/command.js'));
    expect(
      execFileSync(process.execPath, [join(work, 'dist/cli/main.cjs'), '--version'], { encoding: 'utf8' }),
    ).toMatch(/^tsdig \d/);
  });
});
