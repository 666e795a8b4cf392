import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeChisel, formatChiselInfo, formatChiselList, listChisels } from '../chisel/list.js';
import { configuredChiselDirs } from './config.js';
import { UsageError } from './usage_error.js';

/** How many arguments a chisel takes. @throws ChiselError when it is not found. */
export async function chiselArity(
  name: string,
): Promise<{ required: number; optional: number; filterOnly: boolean }> {
  const { args } = await describeChisel(name, configuredChiselDirs());
  const required = args.filter((arg) => !arg.optional).length;
  return {
    required,
    optional: args.length - required,
    filterOnly: args.length === 1 && args[0].type === 'filter',
  };
}

/** The text of `-cl`. */
export async function chiselList(): Promise<string> {
  return formatChiselList(await listChisels(configuredChiselDirs()));
}

/** The text of `-i NAME`. @throws ChiselError when there is no such chisel. */
export async function chiselInfo(name: string): Promise<string> {
  return formatChiselInfo(await describeChisel(name, configuredChiselDirs()));
}

const TEMPLATE = new URL('../../chisels/templates/new_chisel.lua', import.meta.url);

/** `--new-chisel NAME`: writes NAME.lua to start from. @throws UsageError when the file is there already. */
export function writeNewChisel(name: string): number {
  if (!/^[A-Za-z_][\w-]*$/.test(name)) {
    throw new UsageError(`'${name}' is no good name for a chisel: letters, digits and _ only`);
  }
  const path = `${name}.lua`;
  if (existsSync(path)) throw new UsageError(`${path} exists already: choose another name`);
  writeFileSync(path, readFileSync(fileURLToPath(TEMPLATE), 'utf8').replaceAll('NAME', name));
  process.stderr.write(`tsdig: wrote ${path}; run it with: tsdig -c ./${path}\n`);
  return 0;
}
