import { spawnSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ByteOutput } from '../output.js';
import { numberToText, textToNumber } from './number.js';
import { LuaTable } from './table.js';
import type { LuaFunction, LuaResult, LuaValue } from './value.js';
import { LuaError, LuaUserdata } from './value.js';

/** An open file of a script. Reading and writing are by bytes; writes gather until flush, close or a read. */
class LuaFile extends LuaUserdata {
  fd: number;
  closed = false;
  /** Read position in the file; -1: the stream has no positions (terminal, pipe). */
  pos: number;
  private ahead = Buffer.alloc(0);
  private pending = '';
  private readonly append: boolean;

  constructor(fd: number, pos: number, append = false) {
    super();
    this.fd = fd;
    this.pos = pos;
    this.append = append;
  }

  write(text: string): void {
    if (this.ahead.length > 0) {
      if (this.pos >= 0) this.pos -= this.ahead.length;
      this.ahead = Buffer.alloc(0);
    }
    this.pending += text;
    if (this.pending.length > 65536) this.flush();
  }

  flush(): void {
    if (this.pending === '') return;
    const bytes = Buffer.from(this.pending, 'latin1');
    this.pending = '';
    let done = 0;
    while (done < bytes.length) {
      done += writeSync(
        this.fd,
        bytes,
        done,
        bytes.length - done,
        this.pos < 0 || this.append ? null : this.pos + done,
      );
    }
    if (this.pos >= 0) this.pos = this.append ? fstatSync(this.fd).size : this.pos + done;
  }

  /** Reads more bytes behind `ahead`; false at the end. */
  private fill(): boolean {
    this.flush();
    const chunk = Buffer.alloc(65536);
    let n = 0;
    try {
      n = readSync(this.fd, chunk, 0, chunk.length, this.pos < 0 ? null : this.pos);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'EOF') throw e;
    }
    if (n === 0) return false;
    if (this.pos >= 0) this.pos += n;
    this.ahead = Buffer.concat([this.ahead, chunk.subarray(0, n)]);
    return true;
  }

  /** Up to `count` bytes; undefined at the end. */
  readBytes(count: number): string | undefined {
    while (this.ahead.length < count && this.fill()) {}
    if (count === 0) return this.ahead.length > 0 || this.fill() ? '' : undefined;
    if (this.ahead.length === 0) return undefined;
    return this.take(Math.min(count, this.ahead.length));
  }

  readLine(): string | undefined {
    let from = 0;
    for (;;) {
      const nl = this.ahead.indexOf(10, from);
      if (nl >= 0) {
        const line = this.take(nl + 1);
        return line.slice(0, -1);
      }
      from = this.ahead.length;
      if (!this.fill()) return this.ahead.length > 0 ? this.take(this.ahead.length) : undefined;
    }
  }

  readAll(): string {
    while (this.fill()) {}
    return this.take(this.ahead.length);
  }

  readNumber(): number | undefined {
    let text = '';
    for (;;) {
      const c = this.readBytes(1);
      if (c === undefined) break;
      if (text === '' && /[ \t-\r]/.test(c)) continue;
      if (!/[-+0-9a-zA-Z.]/.test(c)) {
        this.ahead = Buffer.concat([Buffer.from(c, 'latin1'), this.ahead]);
        break;
      }
      text += c;
    }
    return textToNumber(text);
  }

  private take(n: number): string {
    const text = this.ahead.latin1Slice(0, n);
    this.ahead = this.ahead.subarray(n);
    return text;
  }

  seek(whence: string, offset: number): number {
    this.flush();
    const here = this.pos - this.ahead.length;
    const base = whence === 'set' ? 0 : whence === 'end' ? fstatSync(this.fd).size : here;
    this.ahead = Buffer.alloc(0);
    this.pos = base + offset;
    return this.pos;
  }

  close(): void {
    this.flush();
    this.closed = true;
    closeSync(this.fd);
  }
}

/** nil, message, errno: how a failed call answers. */
function failure(path: string, e: unknown): LuaValue[] {
  const err = e as NodeJS.ErrnoException;
  const reason: { [code: string]: string } = {
    ENOENT: 'No such file or directory',
    EACCES: 'Permission denied',
    EISDIR: 'Is a directory',
    EEXIST: 'File exists',
    ENOTDIR: 'Not a directory',
    ENOSPC: 'No space left on device',
    EROFS: 'Read-only file system',
  };
  return [
    undefined,
    `${path === '' ? '' : path + ': '}${reason[err.code ?? ''] ?? err.message}`,
    Math.abs(err.errno ?? 0),
  ];
}

function textArg(args: readonly LuaValue[], i: number, name: string): string {
  const v = args[i];
  if (typeof v === 'string') return v;
  if (typeof v === 'number') return numberToText(v);
  throw new LuaError(
    `bad argument #${i + 1} to '${name}' (string expected, got ${v === undefined ? 'nil' : typeof v === 'object' ? 'table' : typeof v})`,
  );
}

/** Byte string → file name as Node wants it. */
function pathOf(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** The `io` table. Standard output is `out`; files opened by the script stay open until closed. */
export function ioLibrary(out: ByteOutput): LuaTable {
  const meta = new LuaTable();
  const attach = <T extends LuaUserdata>(file: T): T => {
    file.metatable = meta;
    return file;
  };

  class Standard extends LuaFile {
    override write(text: string): void {
      out.write(text);
    }
    override flush(): void {
      out.flush();
    }
    override close(): void {}
  }
  const stdin = attach(new LuaFile(0, -1));
  const stdout: LuaFile = attach(new Standard(1, -1));
  const stderr = attach(new LuaFile(2, -1));
  let input: LuaFile = stdin;
  let output: LuaFile = stdout;

  const fileArg = (v: LuaValue): LuaFile => {
    if (!(v instanceof LuaFile)) throw new LuaError('bad argument #1 (file expected)');
    if (v.closed) throw new LuaError('attempt to use a closed file');
    return v;
  };

  const readOne = (file: LuaFile, what: LuaValue): LuaValue => {
    if (typeof what === 'number') return file.readBytes(what);
    const text = String(what).replace(/^\*/, '');
    if (text.startsWith('n')) return file.readNumber();
    if (text.startsWith('a')) return file.readAll();
    if (text.startsWith('L')) {
      const line = file.readLine();
      return line === undefined ? undefined : line + '\n';
    }
    if (text.startsWith('l')) return file.readLine();
    throw new LuaError("bad argument #1 to 'read' (invalid format)");
  };
  const read = (file: LuaFile, whats: readonly LuaValue[]): LuaResult => {
    if (file === stdin) out.flush();
    if (whats.length === 0) return file.readLine();
    const results: LuaValue[] = [];
    for (const what of whats) {
      const v = readOne(file, what);
      results.push(v);
      if (v === undefined) break;
    }
    return results;
  };
  const write = (file: LuaFile, texts: readonly LuaValue[], from: number): LuaResult => {
    for (let i = from; i < texts.length; i++)
      file.write(typeof texts[i] === 'string' ? (texts[i] as string) : textArg(texts, i, 'write'));
    if (file === stderr) file.flush();
    return file;
  };
  const lines = (file: LuaFile, whats: readonly LuaValue[], closeAtEnd: boolean): LuaFunction => {
    return () => {
      if (file.closed) throw new LuaError('file is already closed');
      const v = whats.length === 0 ? file.readLine() : readOne(file, whats[0]);
      if (v === undefined && closeAtEnd) file.close();
      return v;
    };
  };
  const open = (path: string, mode: string): LuaFile => {
    const m = mode.replace('b', '');
    if (!/^[rwa]\+?$/.test(m)) throw new LuaError(`bad argument #2 to 'open' (invalid mode)`);
    const fd = openSync(pathOf(path), m);
    const regular = fstatSync(fd).isFile();
    return attach(new LuaFile(fd, regular ? 0 : -1, m.startsWith('a')));
  };

  const methods: { [name: string]: LuaFunction } = {
    read: (self, ...whats) => read(fileArg(self), whats),
    write: (self, ...texts) => write(fileArg(self), texts, 0),
    lines: (self, ...whats) => lines(fileArg(self), whats, false),
    flush: (self) => {
      fileArg(self).flush();
      return true;
    },
    close: (self) => {
      fileArg(self).close();
      return true;
    },
    seek: (self, whence, offset) => {
      const file = fileArg(self);
      if (file.pos < 0) return [undefined, 'Illegal seek', 29];
      return file.seek(typeof whence === 'string' ? whence : 'cur', typeof offset === 'number' ? offset : 0);
    },
    setvbuf: () => true,
  };
  meta.setStr('__index', LuaTable.record(methods));
  meta.setStr('__tostring', (self) =>
    self instanceof LuaFile && self.closed ? 'file (closed)' : 'file (0x1)',
  );

  return LuaTable.record({
    stdin,
    stdout,
    stderr,
    write: (...texts) => write(output, texts, 0),
    read: (...whats) => read(input, whats),
    flush: () => {
      output.flush();
      return true;
    },
    open: (path, mode) => {
      const name = textArg([path], 0, 'open');
      try {
        return open(name, mode === undefined ? 'r' : textArg([path, mode], 1, 'open'));
      } catch (e) {
        if (e instanceof LuaError) throw e;
        return failure(name, e);
      }
    },
    close: (file) => {
      (file === undefined ? output : fileArg(file)).close();
      return true;
    },
    lines: (path, ...whats) => {
      if (path === undefined) return lines(input, [], false);
      const name = textArg([path], 0, 'lines');
      let file: LuaFile;
      try {
        file = open(name, 'r');
      } catch (e) {
        throw e instanceof LuaError ? e : new LuaError(String(failure(name, e)[1]));
      }
      return lines(file, whats, true);
    },
    input: (file) => {
      if (typeof file === 'string') input = open(file, 'r');
      else if (file !== undefined) input = fileArg(file);
      return input;
    },
    output: (file) => {
      if (typeof file === 'string') output = open(file, 'w');
      else if (file !== undefined) output = fileArg(file);
      return output;
    },
    type: (file) => (file instanceof LuaFile ? (file.closed ? 'closed file' : 'file') : undefined),
    popen: (command, mode) => {
      const text = textArg([command], 0, 'popen');
      if (mode === 'w') return [undefined, "popen: mode 'w' is not supported", 22];
      const done = spawnSync('/bin/sh', ['-c', Buffer.from(text, 'latin1').toString()], {
        maxBuffer: 1 << 28,
        stdio: ['inherit', 'pipe', 'inherit'],
      });
      const name = join(tmpdir(), `tsdig-popen-${process.pid}-${process.hrtime.bigint()}`);
      const fd = openSync(name, 'wx+', 0o600);
      unlinkSync(name);
      writeSync(fd, done.stdout);
      return attach(new LuaFile(fd, 0));
    },
    tmpfile: () => {
      const name = join(tmpdir(), `tsdig-${process.pid}-${process.hrtime.bigint()}`);
      const fd = openSync(name, 'wx+', 0o600);
      unlinkSync(name);
      return attach(new LuaFile(fd, 0));
    },
  });
}
