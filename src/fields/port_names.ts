import { readFileSync } from 'node:fs';

let names: Map<number, string> | undefined;

/** Service name of a port by /etc/services (TCP first), undefined if it has none. For -R. */
export function portName(port: number): string | undefined {
  names ??= readServices();
  return names.get(port);
}

/** Port of a service name by /etc/services, undefined if there is none of that name. */
export function portOfService(service: string): number | undefined {
  names ??= readServices();
  for (const [port, name] of names) if (name === service) return port;
  return undefined;
}

function readServices(): Map<number, string> {
  const found = new Map<number, string>();
  let text = '';
  try {
    text = readFileSync('/etc/services', 'latin1');
  } catch {
    // A machine without that file (or not a Unix): ports stay numbers.
  }
  for (const line of text.split('\n')) {
    const match = /^([^\s#]+)\s+(\d+)\//.exec(line);
    if (match !== null && !found.has(Number(match[2]))) found.set(Number(match[2]), match[1]);
  }
  return found;
}
