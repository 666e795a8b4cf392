import fs = require('node:fs');
import path = require('node:path');
import url = require('node:url');
import vm = require('node:vm');

/** What a part of the program gives to others: its modules by path, each made when it is first asked for. */
type Part = Record<string, () => object>;

/** Gives a module of another part. */
type Modules = (part: string, module: string) => object;

/**
 * Tells builds of Node apart. V8 refuses compiled code of another version of itself, but not that of another build,
 * which it crashes on: that of another processor, or a distribution's own.
 */
function nodeBuild(): string {
  return `${process.version}-${process.arch}-${fs.statSync(process.execPath).size}`;
}

/** For `performance.now()`: a clock that only goes forward. */
function milliseconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/**
 * The parts of the program that lie in `folder`, as scripts/bundle.mjs puts them there: each one script with its
 * compiled code beside it for the Node that built it. A part is read when one of its modules is first asked for.
 * @param main the file that the modules take for their own
 */
function openBundle(
  folder: string,
  main: string,
  require: NodeJS.Require,
  compile: (path: string) => vm.Script = compileWithCache,
): Modules {
  const parts = new Map<string, Part>();
  const mainUrl = url.pathToFileURL(main).href;
  const modules: Modules = (name, module) => {
    let part = parts.get(name);
    if (part === undefined) {
      const bundle: { exports: { modules?: Part } } = { exports: {} };
      compile(path.join(folder, `${name}.js`)).runInThisContext()(
        bundle,
        bundle.exports,
        require,
        mainUrl,
        // Code that comes from V8's cache has no import() of its own.
        async (from: string) => {
          const [, part, module] = /^part:(\w+)\/(.*)$/.exec(from) ?? [];
          return part === undefined ? import(from) : modules(part, module);
        },
        modules,
        milliseconds,
      );
      part = bundle.exports.modules as Part;
      parts.set(name, part);
    }
    return part[module]();
  };
  return modules;
}

function compileWithCache(script: string): vm.Script {
  const source = fs.openSync(script, 'r');
  // One piece of memory for both files: what is not touched for the first time costs nothing.
  const memory = Buffer.allocUnsafeSlow(2 * fs.fstatSync(source).size + 65536);
  const text = memory.latin1Slice(0, fill(memory, source));
  let cachedData: Buffer | undefined;
  try {
    const size = fill(memory, fs.openSync(`${script}.${nodeBuild()}.cache`, 'r'));
    // What does not fit is no compiled code of this script.
    if (size < memory.length) cachedData = memory.subarray(0, size);
  } catch {
    // Another Node than the one that built: the script is compiled anew.
  }
  return new vm.Script(text, { filename: script, cachedData });
}

/** Reads a file from its beginning and closes it. */
function fill(memory: Buffer, file: number): number {
  try {
    let size = 0;
    for (let got = -1; got !== 0; size += got)
      got = fs.readSync(file, memory, size, memory.length - size, null);
    return size;
  } finally {
    fs.closeSync(file);
  }
}

export = { nodeBuild, openBundle };
