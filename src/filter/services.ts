import { readFileSync } from 'node:fs';

/** The usual ones, for machines without /etc/services. */
const USUAL: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  http: 80,
  pop3: 110,
  ntp: 123,
  imap2: 143,
  snmp: 161,
  ldap: 389,
  https: 443,
  submission: 587,
  ldaps: 636,
  imaps: 993,
  pop3s: 995,
  mysql: 3306,
  postgresql: 5432,
};

let services: Map<string, number> | undefined;

/** Port of a service name, from /etc/services and a short table of our own. */
export function servicePort(name: string): number | undefined {
  if (services === undefined) {
    services = new Map(Object.entries(USUAL));
    for (const line of servicesFile().split('\n')) {
      const m = /^([^\s#]+)\s+(\d+)\/\w+\s*([^#]*)/.exec(line);
      if (m === null) continue;
      for (const alias of [m[1], ...m[3].split(/\s+/)]) if (alias !== '') services.set(alias, Number(m[2]));
    }
  }
  return services.get(name);
}

function servicesFile(): string {
  try {
    return readFileSync('/etc/services', 'latin1');
  } catch {
    return '';
  }
}
