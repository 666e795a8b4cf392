import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { EngineAddress } from './address.js';
import { EngineError, REQUEST_TIMEOUT_MS } from './engine.js';

/** An answer larger than this is not one of a container engine. */
const MAX_BODY = 64 << 20;

/** JSON over HTTP on an engine's socket. */
export class HttpSocket {
  readonly where: string;
  private readonly address: EngineAddress;
  private readonly timeoutMs: number;
  /** As many as there are requests that may have to wait for a container to start, and as many that need not. */
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 32 });
  private readonly streams = new Set<ClientRequest>();

  constructor(address: EngineAddress, timeoutMs = REQUEST_TIMEOUT_MS) {
    this.address = address;
    this.timeoutMs = timeoutMs;
    this.where = 'path' in address ? address.path : `${address.host}:${address.port}`;
  }

  /**
   * One GET. The body is parsed JSON, undefined if it is none.
   * @throws EngineError when the whole answer has not come within the time limit
   */
  get(path: string): Promise<{ status: number; body: unknown }> {
    return new Promise((resolve, reject) => {
      const req = request({ ...this.target(), path, agent: this.agent });
      const fail = (why: string) => reject(new EngineError(`${this.where}: ${why}`));
      // One clock for connecting, waiting and reading: a socket that accepts and never answers ends here.
      const timer = setTimeout(() => {
        fail(`no answer within ${this.timeoutMs} ms`);
        req.destroy();
      }, this.timeoutMs);
      req.on('error', (error: Error) => {
        clearTimeout(timer);
        fail(error.message);
      });
      req.on('response', (res: IncomingMessage) => {
        const chunks: Buffer[] = [];
        let size = 0;
        res.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MAX_BODY) req.destroy(new Error('answer too large'));
          else chunks.push(chunk);
        });
        res.on('error', (error: Error) => {
          clearTimeout(timer);
          fail(error.message);
        });
        res.on('end', () => {
          clearTimeout(timer);
          resolve({ status: res.statusCode ?? 0, body: parseJson(Buffer.concat(chunks).toString('utf8')) });
        });
      });
      req.end();
    });
  }

  /** A GET whose answer never ends: calls `onValue` for every line of JSON, `onEnd` once when it breaks. */
  stream(path: string, onValue: (value: unknown) => void, onEnd: () => void): void {
    const req = request({ ...this.target(), path, agent: false });
    this.streams.add(req);
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      this.streams.delete(req);
      req.destroy();
      onEnd();
    };
    req.on('error', end);
    // The subscription alone must not keep the program alive.
    req.on('socket', (socket) => socket.unref());
    req.on('response', (res: IncomingMessage) => {
      if (res.statusCode !== 200) return end();
      let rest = '';
      res.setEncoding('utf8');
      res.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > MAX_BODY) return end();
        for (const line of lines) {
          const value = parseJson(line);
          if (value !== undefined) onValue(value);
        }
      });
      res.on('error', end);
      res.on('close', end);
    });
    req.end();
  }

  close(): void {
    for (const req of this.streams) req.destroy();
    this.streams.clear();
    this.agent.destroy();
  }

  private target(): { socketPath: string } | { host: string; port: number } {
    return 'path' in this.address ? { socketPath: this.address.path } : this.address;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
