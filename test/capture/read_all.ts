import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openFile } from '../../src/capture/file.js';
import type { Source } from '../../src/capture/source.js';
import { EventView } from '../../src/event/view.js';
import type { CaptureHead } from '../../src/scap/head.js';

/** Everything a source gives: heads, each event block as hex-comparable bytes, and the error at the end. */
export interface Contents {
  heads: CaptureHead[];
  blocks: Buffer[];
  error: unknown;
  skipped: number;
}

/** Reads a source to its end and copies what it gives. */
export async function readAll(source: Source): Promise<Contents> {
  const contents: Contents = { heads: [], blocks: [], error: undefined, skipped: 0 };
  try {
    for (;;) {
      const item = await source.next();
      if (item === null) break;
      if (item.kind === 'head') {
        contents.heads.push(item.head);
        continue;
      }
      for (let off = item.start; off < item.end; ) {
        const next = off + item.dv.getUint32(off + 4, true);
        contents.blocks.push(Buffer.from(item.bytes.subarray(off, next)));
        off = next;
      }
    }
  } catch (error) {
    contents.error = error;
  }
  contents.skipped = source.skipped;
  source.close();
  return contents;
}

/** A view on one event block. */
export function viewOf(block: Buffer): EventView {
  const view = new EventView();
  const padded = Buffer.concat([block, Buffer.alloc(16)]);
  view.attach(padded, new DataView(padded.buffer, padded.byteOffset, padded.length));
  view.at(0);
  return view;
}

/** A directory for one test file's captures. */
export function captureDir(): { dir: string; file: (name: string, content: Uint8Array) => string } {
  const dir = mkdtempSync(join(tmpdir(), 'tsdig-capture-'));
  afterAll(async () => {
    const { rm } = await import('node:fs/promises');
    await rm(dir, { recursive: true, force: true });
  });
  return {
    dir,
    file(name, content) {
      const path = join(dir, name);
      writeFileSync(path, content);
      return path;
    },
  };
}

export function readFileAll(path: string, options: Parameters<typeof openFile>[1] = {}): Promise<Contents> {
  return readAll(openFile(path, options));
}

export const fixture = (name: string): string => new URL(`../fixtures/${name}`, import.meta.url).pathname;
