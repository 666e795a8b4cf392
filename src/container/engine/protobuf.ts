/**
 * The protobuf wire format, as much of it as the container runtimes' messages need: varints,
 * length-delimited fields, and skipping of everything else.
 */

/** Builds one message, field by field. Fields with their default value are left out, as proto3 does. */
export class ProtoWriter {
  private readonly parts: Buffer[] = [];

  string(field: number, value: string): this {
    return value === '' ? this : this.message(field, Buffer.from(value, 'utf8'));
  }

  bool(field: number, value: boolean): this {
    if (value) this.parts.push(varint(field * 8), varint(1));
    return this;
  }

  /** A message, or bytes: length-delimited, written also when empty. */
  message(field: number, body: Buffer): this {
    this.parts.push(varint(field * 8 + 2), varint(body.length), body);
    return this;
  }

  bytes(): Buffer {
    return Buffer.concat(this.parts);
  }
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  out.push(rest);
  return Buffer.from(out);
}

/** A message that ends early or holds a field that cannot be. */
export class ProtoError extends Error {
  override readonly name: string = 'ProtoError';
}

/**
 * Walks over the fields of one message: `while (r.next()) switch (r.field) …`. A field that is not read is skipped.
 * @throws ProtoError from `next` and the readers when the bytes are no message
 */
export class ProtoReader {
  /** Number of the current field. */
  field = 0;
  private readonly buf: Buffer;
  private at = 0;
  private wire = -1;
  /** The current value: a varint's number, or the slice of a length-delimited field. */
  private number = 0;
  private slice: Buffer = Buffer.alloc(0);

  constructor(buf: Buffer) {
    this.buf = buf;
  }

  next(): boolean {
    if (this.at >= this.buf.length) return false;
    const key = this.varint();
    this.field = Math.floor(key / 8);
    this.wire = key % 8;
    this.number = 0;
    this.slice = this.buf.subarray(0, 0);
    switch (this.wire) {
      case 0:
        this.number = this.varint();
        break;
      case 1:
        this.take(8);
        break;
      case 2:
        this.slice = this.take(this.varint());
        break;
      case 5:
        this.take(4);
        break;
      default:
        throw new ProtoError(`wire type ${this.wire} at byte ${this.at}`);
    }
    return true;
  }

  /** Text as a byte string. */
  text(): string {
    return this.slice.latin1Slice();
  }

  /** The bytes of an embedded message or of text. */
  body(): Buffer {
    return this.slice;
  }

  /** A reader over the embedded message. */
  message(): ProtoReader {
    return new ProtoReader(this.slice);
  }

  /** An integer; 64-bit ones are exact up to 2^53 and rounded above, negative ones come as such. */
  int(): number {
    return this.number;
  }

  bool(): boolean {
    return this.number !== 0;
  }

  /** One entry of a `map<string, string>`. */
  entry(): [string, string] {
    let key = '';
    let value = '';
    const r = this.message();
    while (r.next()) {
      if (r.field === 1) key = r.text();
      else if (r.field === 2) value = r.text();
    }
    return [key, value];
  }

  private varint(): number {
    const start = this.at;
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i++) {
      if (this.at >= this.buf.length) throw new ProtoError('message ends within a number');
      const byte = this.buf[this.at++];
      value += (byte & 127) * scale;
      // Ten bytes hold a negative number: its high bits do not fit into a double beside the low ones.
      if (byte < 128) return i < 9 ? value : this.longVarint(start);
      scale *= 128;
    }
    throw new ProtoError('number of more than ten bytes');
  }

  private longVarint(start: number): number {
    let value = 0n;
    for (let i = 9; i >= 0; i--) value = (value << 7n) | BigInt(this.buf[start + i] & 127);
    return Number(BigInt.asIntN(64, value));
  }

  private take(length: number): Buffer {
    if (length < 0 || this.at + length > this.buf.length) throw new ProtoError('message ends within a field');
    this.at += length;
    return this.buf.subarray(this.at - length, this.at);
  }
}
