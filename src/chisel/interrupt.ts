import { Worker } from 'node:worker_threads';
import { ChiselInterrupted } from './engine.js';

/** A callback that runs longer than this is watched for Ctrl-C. */
const PATIENCE_MS = 300;

/*
 * The event loop cannot deliver SIGINT while Lua code loops in the main thread, and neither can a worker's
 * `process.on`. But a script that a worker runs with `breakOnSigint` is ended by Node's own signal thread: the
 * worker then sets a shared flag, which running code polls. Flag: 0 = waiting, 1 = interrupted, 2 = no longer wanted.
 */
const WATCHER = `
const { workerData: flag } = require('node:worker_threads');
globalThis.flag = flag;
try {
  require('node:vm').runInThisContext('while (Atomics.load(flag, 0) === 0) Atomics.wait(flag, 0, 0, 50)', { breakOnSigint: true });
} catch {
  Atomics.compareExchange(flag, 0, 0, 1);
}`;

/**
 * Lets Ctrl-C end a chisel's callback that never returns. Running code calls `poll()` every few thousand loop
 * rounds or calls; a callback that has been busy for 300 ms starts a watcher thread for the signal.
 */
export class Interrupt {
  /** Rounds left until the next look at the clock. Compiled loops count it down themselves. */
  budget = 0;
  private static readonly ROUNDS = 20000;
  private started = 0;
  private requested = false;
  private flag: Int32Array | null = null;
  private worker: Worker | null = null;

  constructor() {
    this.budget = Interrupt.ROUNDS;
  }

  /** A new callback begins. */
  begin(): void {
    this.started = 0;
  }

  /** Makes the next poll stop the running callback (for hosts that learn of the wish by other ways). */
  request(): void {
    this.requested = true;
    this.budget = 0;
  }

  /** Looks whether to stop. Throws ChiselInterrupted if so. */
  poll(): void {
    this.budget = Interrupt.ROUNDS;
    if (this.requested || (this.flag !== null && Atomics.load(this.flag, 0) === 1)) {
      this.requested = false;
      this.rest();
      throw new ChiselInterrupted();
    }
    if (this.flag !== null) return;
    const now = Date.now();
    if (this.started === 0) this.started = now;
    else if (now - this.started > PATIENCE_MS) this.watch();
  }

  private watch(): void {
    this.flag = new Int32Array(new SharedArrayBuffer(4));
    this.worker = new Worker(WATCHER, { eval: true, workerData: this.flag });
    this.worker.unref();
  }

  /** The callback has ended: the watcher, if there is one, goes, and the program's own SIGINT handlers work again. */
  rest(): void {
    this.started = 0;
    if (this.flag === null) return;
    const worker = this.worker;
    Atomics.compareExchange(this.flag, 0, 0, 2);
    Atomics.notify(this.flag, 0);
    this.flag = null;
    this.worker = null;
    // The watcher took the signal's action for itself: registering the handlers anew takes it back.
    const restore = (): void => {
      const handlers = process.rawListeners('SIGINT') as NodeJS.SignalsListener[];
      process.removeAllListeners('SIGINT');
      for (const h of handlers) process.on('SIGINT', h);
    };
    worker?.once('exit', restore);
  }
}
