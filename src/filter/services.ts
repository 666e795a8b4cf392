import { portOfService } from '../fields/port_names.js';

/** The usual ones, for machines whose /etc/services lacks them. */
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

/** Port of a service name, undefined if it is not known here. */
export function servicePort(name: string): number | undefined {
  return portOfService(name) ?? (Object.hasOwn(USUAL, name) ? USUAL[name] : undefined);
}
