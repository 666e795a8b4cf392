import { describe, expect, it } from 'vitest';
import { splitCommandLine } from '../../src/cli/chisel_words.js';

const ARITY: Record<string, { required: number; optional: number; filterOnly: boolean }> = {
  topprocs_cpu: { required: 0, optional: 0, filterOnly: false },
  fdbytes_by: { required: 1, optional: 0, filterOnly: false },
  spy_file: { required: 0, optional: 1, filterOnly: false },
};
const split = (line: string) =>
  splitCommandLine(
    line.split(' '),
    async (name) => ARITY[name] ?? { required: 0, optional: 0, filterOnly: false },
    (text) => /[=<>]/.test(text),
  );

describe('splitCommandLine', () => {
  it('takes a chisel without arguments and leaves the filter', async () => {
    expect(await split('-pc -c topprocs_cpu container.name=web')).toEqual({
      rest: ['-pc', 'container.name=web'],
      chisels: [{ name: 'topprocs_cpu', args: undefined }],
      listChisels: false,
      command: null,
    });
  });

  it('gives a required argument to its chisel, even if a filter follows', async () => {
    const { rest, chisels } = await split('-r f -c fdbytes_by fd.name proc.name=cat');
    expect(chisels).toEqual([{ name: 'fdbytes_by', args: 'fd.name' }]);
    expect(rest).toEqual(['-r', 'f', 'proc.name=cat']);
  });

  it('gives an optional argument only if the rest is neither option nor filter', async () => {
    expect((await split('-c spy_file /etc/passwd')).chisels[0].args).toBe('/etc/passwd');
    expect((await split('-c spy_file -n 3')).chisels[0].args).toBeUndefined();
    expect((await split('-c spy_file proc.name=cat')).chisels[0].args).toBeUndefined();
  });

  it('knows clusters, attached names and several chisels', async () => {
    const { rest, chisels } = await split('-qctopprocs_cpu -vc spy_file -zw out.scap');
    expect(rest).toEqual(['-q', '-v', '-zw', 'out.scap']);
    expect(chisels.map((chisel) => chisel.name)).toEqual(['topprocs_cpu', 'spy_file']);
  });

  it('does not mistake the value of another option for an option', async () => {
    const { rest, chisels } = await split('-p -c -c topprocs_cpu');
    expect(rest).toEqual(['-p', '-c']);
    expect(chisels).toHaveLength(1);
    expect((await split('-pc')).chisels).toEqual([]);
    expect((await split('evt.rawres < -1')).rest).toEqual(['evt.rawres', '<', '-1']);
  });

  it('lists with -cl and splits off a command', async () => {
    expect((await split('-cl')).listChisels).toBe(true);
    expect((await split('-q -- cat -c file')).command).toEqual(['cat', '-c', 'file']);
  });

  it('wants a name', async () => {
    await expect(split('-c')).rejects.toThrow(/needs the name/);
  });
});
