import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';

/**
 * A gRPC server for tests, written against the published definitions and sharing nothing with our client:
 * its messages are lists of [field number, value].
 */
export type Field = readonly [number, string | number | bigint | boolean | Buffer | readonly Field[]];

/** Encodes a message: text and messages length-delimited, numbers and booleans as varints. */
export function encode(fields: readonly Field[]): Buffer {
  const out: number[] = [];
  const varint = (value: bigint) => {
    let rest = BigInt.asUintN(64, value);
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      out.push(rest > 0n ? low | 0x80 : low);
    } while (rest > 0n);
  };
  for (const [field, value] of fields) {
    if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
      varint(BigInt(field) << 3n);
      varint(BigInt(value));
      continue;
    }
    const body =
      typeof value === 'string'
        ? Buffer.from(value)
        : Buffer.isBuffer(value)
          ? value
          : encode(value as readonly Field[]);
    varint((BigInt(field) << 3n) | 2n);
    varint(BigInt(body.length));
    out.push(...body);
  }
  return Buffer.from(out);
}

/** Entries of a `map<string, string>` as repeated fields. */
export function mapFields(field: number, map: Readonly<Record<string, string>>): Field[] {
  return Object.entries(map).map(
    ([key, value]): Field => [
      field,
      [
        [1, key],
        [2, value],
      ],
    ],
  );
}

/** Decodes a message to its fields: varints as bigint, the rest as bytes. */
export function decode(data: Buffer): [number, bigint | Buffer][] {
  const out: [number, bigint | Buffer][] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(data[at++]);
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  };
  while (at < data.length) {
    const key = varint();
    if ((key & 7n) === 0n) out.push([Number(key >> 3n), varint()]);
    else {
      const length = Number(varint());
      out.push([Number(key >> 3n), data.subarray(at, at + length)]);
      at += length;
    }
  }
  return out;
}

/** What the server answers to a call: a message, or a refusal. */
export type Answer = readonly Field[] | { readonly code: number; readonly message: string };
export type Method = (
  request: [number, bigint | Buffer][],
  metadata: Readonly<Record<string, unknown>>,
) => Answer;

/** Serves `methods` (by full path, `/package.Service/Method`) on a socket. Unknown methods are refused with UNIMPLEMENTED. */
export async function serveGrpc(
  path: string,
  methods: Readonly<Record<string, Method>>,
): Promise<GrpcTestServer> {
  const server = new GrpcTestServer(methods);
  await server.listen(path);
  return server;
}

export class GrpcTestServer {
  readonly calls: string[] = [];
  private readonly server: Http2Server = createServer();
  private readonly sessions = new Set<{ destroy(): void }>();

  constructor(methods: Readonly<Record<string, Method>>) {
    this.server.on('session', (session) => {
      this.sessions.add(session);
      session.on('close', () => this.sessions.delete(session));
    });
    this.server.on('stream', (stream: ServerHttp2Stream, headers) => {
      stream.on('error', () => {});
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const method = String(headers[':path']);
        this.calls.push(method);
        const request = Buffer.concat(chunks);
        if (
          headers['content-type'] !== 'application/grpc' ||
          headers['te'] !== 'trailers' ||
          request[0] !== 0
        ) {
          stream.respond({ ':status': 415 }, { endStream: true });
          return;
        }
        const answer: Answer = methods[method]?.(decode(request.subarray(5)), headers) ?? {
          code: 12,
          message: `unknown service ${method}`,
        };
        reply(stream, answer);
      });
    });
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve) => this.server.listen(path, resolve));
  }

  /** Stops serving and breaks all connections. */
  async close(): Promise<void> {
    for (const session of this.sessions) session.destroy();
    await new Promise<void>((resolve) => void this.server.close(() => resolve()));
  }
}

function reply(stream: ServerHttp2Stream, answer: Answer): void {
  if ('code' in answer) {
    // A refusal comes as headers only.
    const words = encodeURIComponent(answer.message);
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': String(answer.code),
        'grpc-message': words,
      },
      { endStream: true },
    );
    return;
  }
  const body = encode(answer);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(body.length, 1);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  // In pieces: the client must not expect a message per frame.
  stream.write(prefix.subarray(0, 3));
  stream.write(Buffer.concat([prefix.subarray(3), body.subarray(0, 10)]));
  stream.end(body.subarray(10));
}
