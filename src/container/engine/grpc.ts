import { type ClientHttp2Session, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { EngineError, REQUEST_TIMEOUT_MS } from './engine.js';

/** gRPC status codes that mean something to us. */
export const GrpcCode = { OK: 0, UNKNOWN: 2, NOT_FOUND: 5, UNIMPLEMENTED: 12 } as const;

/** The server answered with a status other than OK. */
export class GrpcError extends Error {
  override readonly name: string = 'GrpcError';
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }

  /** Whether the server says that there is no such thing. Some runtimes say so in words only. */
  get notFound(): boolean {
    if (this.code === GrpcCode.NOT_FOUND) return true;
    return this.code === GrpcCode.UNKNOWN && /not found|not exist|no such/i.test(this.message);
  }
}

const MAX_MESSAGE = 64 << 20;
const FRAME = 5;

/** Unary gRPC calls over HTTP/2 on a Unix socket. Connects when needed, and again after the connection was lost. */
export class GrpcSocket {
  readonly path: string;
  private readonly timeoutMs: number;
  private session: ClientHttp2Session | null = null;

  constructor(path: string, timeoutMs = REQUEST_TIMEOUT_MS) {
    this.path = path;
    this.timeoutMs = timeoutMs;
  }

  /**
   * One call.
   *
   * @param method `/package.Service/Method`
   * @param message the encoded request
   * @param metadata further headers
   * @returns the encoded answer
   * @throws GrpcError when the server refuses, EngineError when it cannot be reached or does not answer in time
   */
  call(method: string, message: Buffer, metadata: Readonly<Record<string, string>> = {}): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const session = this.connected();
      const stream = session.request({
        ':method': 'POST',
        ':path': method,
        'content-type': 'application/grpc',
        te: 'trailers',
        ...metadata,
      });
      let done = false;
      const finish = (error: Error | null, body?: Buffer) => {
        if (done) return;
        done = true;
        clearTimeout(timer);
        session.off('close', lost);
        if (error === null && body !== undefined) resolve(body);
        else reject(error);
      };
      const fail = (why: string) => finish(new EngineError(`${this.path}: ${why}`));
      const lost = () => fail('the connection was closed');
      const timer = setTimeout(() => {
        fail(`no answer within ${this.timeoutMs} ms`);
        // A server that hangs is not asked again on this connection.
        this.drop(session);
      }, this.timeoutMs);
      session.on('close', lost);

      const chunks: Buffer[] = [];
      let size = 0;
      let status = -1;
      let words = '';
      const onHeaders = (headers: Readonly<Record<string, unknown>>) => {
        if (headers['grpc-status'] === undefined) return;
        status = Number(headers['grpc-status']);
        words = decodeWords(String(headers['grpc-message'] ?? ''));
      };
      stream.on('response', (headers) => {
        if (headers[':status'] !== 200) fail(`HTTP status ${headers[':status']}`);
        onHeaders(headers);
      });
      stream.on('trailers', onHeaders);
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_MESSAGE) stream.destroy(new Error('answer too large'));
        else chunks.push(chunk);
      });
      stream.on('error', (error: Error) => fail(error.message));
      stream.on('close', () => {
        if (status > 0) return finish(new GrpcError(status, words));
        const body = unframe(Buffer.concat(chunks));
        if (status === 0 && body !== null) finish(null, body);
        else fail('the answer was cut short');
      });
      stream.end(frame(message));
    });
  }

  close(): void {
    if (this.session !== null) this.drop(this.session);
  }

  private connected(): ClientHttp2Session {
    if (this.session !== null && !this.session.closed && !this.session.destroyed) return this.session;
    const session = connect('http://localhost', { createConnection: () => connectSocket(this.path) });
    // Every call hears of a lost connection itself; without a listener the error would end the program.
    session.on('error', () => this.drop(session));
    session.on('close', () => {
      if (this.session === session) this.session = null;
    });
    // An idle connection must not keep the program alive: calls under way have their timers.
    session.unref();
    this.session = session;
    return session;
  }

  private drop(session: ClientHttp2Session): void {
    if (this.session === session) this.session = null;
    session.destroy();
  }
}

/** A message with its prefix: not compressed, length. */
function frame(message: Buffer): Buffer {
  const out = Buffer.alloc(FRAME + message.length);
  out.writeUInt32BE(message.length, 1);
  message.copy(out, FRAME);
  return out;
}

/** The one message of a unary answer; null when it is cut or compressed (which was not offered). */
function unframe(data: Buffer): Buffer | null {
  if (data.length < FRAME || data[0] !== 0) return null;
  const length = data.readUInt32BE(1);
  return data.length < FRAME + length ? null : data.subarray(FRAME, FRAME + length);
}

/** grpc-message is percent-encoded. */
function decodeWords(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
