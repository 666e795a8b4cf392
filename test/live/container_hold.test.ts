import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, get, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CAN_RUN_CONTAINERS, runContainer, startDocker, type TestContainer } from './docker_fixture.js';
import { pause, TsdigProcess } from './tsdig_process.js';

const DOCKER = '/var/run/docker.sock';
const NAME = 'tsdig-hold-new';

/**
 * A Docker that is slow to answer and sends no news: what it tells of a container comes only after the
 * container's first events. 'hang': it never answers at all. `slow`: what it is slow to tell.
 */
function slowDocker(path: string, delay: number | 'hang', slow = /./): Promise<Server> {
  const server = createServer((req, res) => {
    if (delay === 'hang') return;
    if (req.url?.startsWith('/events')) {
      res.statusCode = 404;
      res.end();
    } else if (req.url === '/containers/json') res.end('[]');
    else {
      setTimeout(
        () => {
          get({ socketPath: DOCKER, path: req.url }, (real) => {
            res.statusCode = real.statusCode ?? 500;
            real.pipe(res);
          });
        },
        slow.test(req.url ?? '') ? delay : 0,
      );
    }
  });
  return new Promise((done) => void server.listen(path, () => done(server)));
}

describe.runIf(CAN_RUN_CONTAINERS)('a container that starts while tsdig runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tsdig-hold-'));
  const socket = join(folder, 'docker.sock');
  let server: Server | undefined;

  let beacon: TestContainer;

  beforeAll(async () => {
    await startDocker();
    beacon = await runContainer('tsdig-hold-beacon', ['sh', '-c', 'while true; do sleep 0.1; done']);
  });

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    rmSync(socket, { force: true });
  });

  afterAll(async () => {
    await beacon?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Events of a new container as `number id name type`, with its id. */
  async function watch(...options: string[]): Promise<string[][]> {
    const run = new TsdigProcess([
      ...options,
      '-p',
      '*%evt.num %container.id %container.name %evt.type',
      'container.id!=host',
    ]);
    // Something that is always busy says when the capture is attached.
    expect(await run.saw(` ${beacon.id} `), run.stderr).toBe(true);
    const container = await runContainer(NAME, ['sh', '-c', 'cat /etc/passwd > /dev/null; sleep 0.4']);
    try {
      expect(await run.saw(new RegExp(`${container.id} .* procexit`)), run.stderr).toBe(true);
      await pause(500);
      const { stdout, stderr } = await run.interrupt();
      expect(stderr).not.toMatch(/error/i);
      // Others may be running containers at the same time.
      return stdout
        .split('\n')
        .map((line) => line.split(' '))
        .filter((words) => words[1] === container.id && words[3] !== 'container');
    } finally {
      await container.remove();
    }
  }

  it('has its name from the first event, though the engine is slow to tell', async () => {
    server = await slowDocker(socket, 80);
    const lines = await watch('--docker-socket', socket, '--container-wait', '5000');
    expect(lines.length).toBeGreaterThan(20);
    expect(new Set(lines.map((words) => words[2]))).toEqual(new Set([NAME]));
    expect(lines.some((words) => words[3] === 'execve')).toBe(true);
    const numbers = lines.map((words) => Number(words[0]));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });

  it('has its name though the engine tells the rest only when it has been started', async () => {
    server = await slowDocker(socket, 30_000, /^\/containers\/[0-9a-f]{64}\/json/);
    const lines = await watch('--docker-socket', socket, '--container-wait', '20000');
    expect(lines.length).toBeGreaterThan(20);
    expect(new Set(lines.map((words) => words[2]))).toEqual(new Set([NAME]));
  });

  it('is seen without its name when the engine hangs', async () => {
    server = await slowDocker(socket, 'hang');
    const lines = await watch('--docker-socket', socket, '--container-wait', '200');
    expect(lines.length).toBeGreaterThan(20);
    expect(new Set(lines.map((words) => words[2]))).toEqual(new Set(['<NA>']));
  });
});
