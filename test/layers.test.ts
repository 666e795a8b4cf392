import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Lowest first: a layer imports from itself and from those before it. */
const LAYERS = [
  'scap',
  'event',
  'capture',
  'container',
  'machine',
  'fields',
  'filter',
  'format',
  'chisel',
  'session',
  'library',
  'cli',
];
const SRC = resolve(import.meta.dirname, '../src');

function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(SRC, name));
}

function layerOf(path: string): string {
  const parts = relative(SRC, path).split(sep);
  return parts.length === 1 ? 'top' : parts[0];
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const found = text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g);
  return [...found].map((match) => resolve(path, '..', match[1]));
}

describe('layers', () => {
  it('are all known', () => {
    const unknown = new Set(
      sourceFiles()
        .map(layerOf)
        .filter((layer) => layer !== 'top' && !LAYERS.includes(layer)),
    );
    expect([...unknown]).toEqual([]);
  });

  it('depend in one direction only', () => {
    const wrong: string[] = [];
    for (const path of sourceFiles()) {
      const layer = layerOf(path);
      if (layer === 'top') continue;
      for (const target of importsOf(path)) {
        const used = layerOf(target);
        if (LAYERS.indexOf(used) > LAYERS.indexOf(layer))
          wrong.push(`${relative(SRC, path)} imports ${relative(SRC, target)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('has no file named after nothing in particular', () => {
    const vague = sourceFiles().filter((path) => /(utils?|helpers?|misc|manager|common)\.ts$/i.test(path));
    expect(vague.map((path) => relative(SRC, path))).toEqual([]);
  });
});
