import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of tsdig's npm package, with the helpers for all architectures. */
    tarball: string;
  }
}

/** Packs tsdig, once for all machines. */
export default function setup(project: TestProject): () => void {
  const root = resolve(import.meta.dirname, '../..');
  const work = mkdtempSync(join(tmpdir(), 'tsdig-packed-'));
  execFileSync(process.execPath, [join(root, 'scripts/prebuild.mjs')]);
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', work], { cwd: root });
  project.provide('tarball', join(work, readdirSync(work)[0]!));
  return () => rmSync(work, { recursive: true, force: true });
}
