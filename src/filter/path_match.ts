import { compileGlob } from './glob.js';

interface Step {
  /** A listed path ends here. */
  end: boolean;
  readonly plain: Map<string, Step>;
  readonly globs: { readonly test: (part: string) => boolean; readonly step: Step }[];
}

function newStep(): Step {
  return { end: false, plain: new Map(), globs: [] };
}

/**
 * Compiles the list of `pmatch`: true if one of the paths is a prefix of the value in whole components. Slashes at the
 * ends do not matter, `/` matches everything, and a component may hold `*`, `?` and `[…]`, which stay within it.
 * All paths are walked at once: the cost does not grow with the length of the list.
 */
export function compilePathMatch(paths: readonly string[]): (value: string) => boolean {
  const root = newStep();
  const byGlob = new Map<string, Step>();
  for (const path of paths) {
    let step = root;
    let walked = '';
    for (const part of components(path)) {
      walked += `/${part}`;
      if (!/[*?[\\]/.test(part)) {
        let next = step.plain.get(part);
        if (next === undefined) {
          next = newStep();
          step.plain.set(part, next);
        }
        step = next;
        continue;
      }
      let next = byGlob.get(walked);
      if (next === undefined) {
        next = newStep();
        byGlob.set(walked, next);
        step.globs.push({ test: compileGlob(part, false), step: next });
      }
      step = next;
    }
    step.end = true;
  }
  return (value) => {
    if (root.end) return true;
    let steps: Step[] = [root];
    for (const part of components(value)) {
      const next: Step[] = [];
      for (const step of steps) {
        const plain = step.plain.get(part);
        if (plain !== undefined) next.push(plain);
        for (const glob of step.globs) if (glob.test(part)) next.push(glob.step);
      }
      for (const step of next) if (step.end) return true;
      if (next.length === 0) return false;
      steps = next;
    }
    return false;
  };
}

function components(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}
