import fs = require('node:fs');

/**
 * Tells builds of Node apart. V8 refuses compiled code of another version of itself, but not that of another build,
 * which it crashes on: that of another processor, or a distribution's own.
 */
function nodeBuild(): string {
  return `${process.version}-${process.arch}-${fs.statSync(process.execPath).size}`;
}

export = { nodeBuild };
