/** Where an engine listens: a Unix socket, or TCP as DOCKER_HOST may say. */
export type EngineAddress = { readonly path: string } | { readonly host: string; readonly port: number };

/** `unix:///run/x.sock`, `/run/x.sock`, `tcp://host:port`, `http://host:port` → address; null for anything else. */
export function parseEngineAddress(text: string): EngineAddress | null {
  if (text.startsWith('/')) return { path: text };
  if (text.startsWith('unix://')) return { path: text.slice(7) };
  const tcp = /^(?:tcp|http):\/\/([^/:]+|\[[^\]]+\]):(\d+)\/?$/.exec(text);
  return tcp === null ? null : { host: tcp[1].replace(/^\[|\]$/g, ''), port: Number(tcp[2]) };
}
