import '../scap/buffer_methods.js';

/** The byte string (one char per byte) of a Unicode text: its UTF-8 bytes. For what the user typed. */
export function byteString(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 127) return Buffer.from(text, 'utf8').latin1Slice();
  }
  return text;
}

/** The Unicode text of a byte string; bytes that are no UTF-8 become U+FFFD. For what leaves the program. */
export function unicodeText(bytes: string): string {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes.charCodeAt(i) > 127) return Buffer.from(bytes, 'latin1').utf8Slice();
  }
  return bytes;
}
