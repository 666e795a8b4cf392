import { spawnSync } from 'node:child_process';
import { CAN_RECORD, compileProgram } from './recording.js';

/** For the compiler: a program of 32 bits that needs no library. */
export const FREESTANDING = [
  ...['-m32', '-nostdlib', '-static', '-ffreestanding', '-fno-pie', '-no-pie', '-fno-stack-protector', '-O1'],
];

/** Whether the kernel runs programs of 32 bits, and calls of 32 bits in others: some are built, or booted, without. */
export const RUNS_32_BITS = CAN_RECORD && process.arch === 'x64' && runs();

function runs(): boolean {
  // What the kernel does not run is given to the shell, which complains.
  const program = spawnSync(compileProgram('ia32', ...FREESTANDING), { stdio: ['ignore', 'ignore', 'pipe'] });
  return program.stderr.length === 0;
}
