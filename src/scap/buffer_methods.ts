/**
 * Methods that every Node version has on Buffer but whose types are not published: the fast, allocation-free
 * ways between bytes and byte strings.
 */
declare global {
  interface Buffer {
    latin1Slice(start?: number, end?: number): string;
    utf8Slice(start?: number, end?: number): string;
    latin1Write(text: string, offset?: number, length?: number): number;
  }
}

export {};
