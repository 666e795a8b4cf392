import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const EXAMPLES = [
  ...readFileSync(join(ROOT, 'docs/library.md'), 'utf8').matchAll(/```js\n([\s\S]*?)```/g),
].map((match) => match[1]);

describe('the examples of docs/library.md', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'tsdig-examples-'));
    // Its own package: no package.json of a folder above must be found.
    writeFileSync(join(dir, 'package.json'), '{}');
    mkdirSync(join(dir, 'node_modules'));
    symlinkSync(ROOT, join(dir, 'node_modules/tsdig'));
    copyFileSync(join(ROOT, 'test/fixtures/containers.scap.gz'), join(dir, 'trace.scap'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('are there', () => expect(EXAMPLES.length).toBeGreaterThanOrEqual(5));

  it.each(EXAMPLES.map((text, index) => [index + 1, text] as const))(
    'example %i runs and prints',
    (index, text) => {
      const path = join(dir, `example${index}.mjs`);
      writeFileSync(path, text);
      const out = execFileSync(process.execPath, [path], { cwd: dir, encoding: 'utf8' });
      expect(out.trim()).not.toBe('');
      expect(out).not.toMatch(/^(0|0 events|\[\])$/m);
    },
  );
});
