import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PodmanFiles } from '../../src/container/engine/podman_files.js';

const KEPT = 'aa'.repeat(32);
const BRIEF = 'bb'.repeat(32);

/** A container as Podman 5 lists it. */
const entry = (id: string, name: string) => ({
  id,
  names: [name],
  image: 'cc'.repeat(32),
  metadata: JSON.stringify({ 'image-name': 'localhost/small:latest', name, 'created-at': 1795774065 }),
});

describe('the files of Podman', () => {
  let root: string;
  let files: PodmanFiles;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tsdig-podman-'));
    const folder = join(root, 'storage/overlay-containers');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'containers.json'), JSON.stringify([entry(KEPT, 'kept')]));
    // Those of `podman run --rm`, since Podman 4.4.
    writeFileSync(join(folder, 'volatile-containers.json'), JSON.stringify([entry(BRIEF, 'brief')]));
    for (const [pid, id] of [
      [10, KEPT],
      [11, BRIEF],
    ] as const) {
      mkdirSync(join(root, 'proc', String(pid)), { recursive: true });
      const path = `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${id}.scope/container`;
      writeFileSync(join(root, 'proc', String(pid), 'cgroup'), `0::${path}\n`);
    }
    files = new PodmanFiles(join(root, 'storage'), join(root, 'proc'));
  });

  afterEach(() => rmSync(root, { recursive: true }));

  it('tell of containers that stay and of those that go away with their end', async () => {
    expect((await files.list()).map((info) => info.name).sort()).toEqual(['brief', 'kept']);
    for (const [id, name] of [
      [KEPT, 'kept'],
      [BRIEF, 'brief'],
    ] as const) {
      const image = { image: 'localhost/small:latest', imageTag: 'latest' };
      expect(await files.inspect(id)).toMatchObject({ fullId: id, name, ...image });
      expect(await files.glance(id)).toMatchObject({ fullId: id, name, ...image });
    }
    expect(await files.inspect('dd'.repeat(32))).toBeNull();
    expect(await files.glance('dd'.repeat(32))).toBeNull();
  });
});
