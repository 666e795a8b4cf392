import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { npmPack } from '../packaging/npm_pack.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of tsdig's npm package, with the helpers for all architectures. */
    tarball: string;
  }
}

/** Packs tsdig, once for all machines. */
export default function setup(project: TestProject): () => void {
  const work = mkdtempSync(join(tmpdir(), 'tsdig-packed-'));
  project.provide('tarball', npmPack(work));
  return () => rmSync(work, { recursive: true, force: true });
}
