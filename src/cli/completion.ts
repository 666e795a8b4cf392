import { commandDefinition } from './options.js';
import { UsageError } from './usage_error.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Names that completion offers; each is asked for only when it is needed. */
export interface CompletionNames {
  fields(): Promise<readonly string[]>;
  chisels(): Promise<readonly string[]>;
  eventTypes(): Promise<readonly string[]>;
  containers(): Promise<readonly string[]>;
}

const COMMANDS = ['help', 'doctor', 'config', 'completion'];
const TOPICS = ['filters', 'fields', 'chisels', 'output', 'files', 'containers'];

/** Values of options that take one of a few. */
const OPTION_VALUES: Readonly<Record<string, readonly string[]>> = {
  '-t': ['h', 'a', 'r', 'd', 'D', 'iso', 'utc'],
  '--timetype': ['h', 'a', 'r', 'd', 'D', 'iso', 'utc'],
  '--color': ['auto', 'always', 'never'],
  '--engine': ['auto', 'ebpf', 'perf', 'ptrace'],
};

/** Options whose value is a file: the shell completes those better. */
const FILE_OPTIONS = new Set(['-r', '--read', '-w', '--write', '--docker-socket', '--cri']);

/**
 * Completes the last of `words` (the command line behind `tsdig`). Candidates are whole words; an empty list
 * leaves the word to the shell's file completion.
 */
export async function completeWords(words: readonly string[], names: CompletionNames): Promise<string[]> {
  const current = words[words.length - 1] ?? '';
  const previous = words[words.length - 2] ?? '';
  const startingWith = (list: readonly string[]): string[] => list.filter((word) => word.startsWith(current));
  if (FILE_OPTIONS.has(previous)) return [];
  if (OPTION_VALUES[previous]) return startingWith(OPTION_VALUES[previous]);
  if (previous === '-c' || previous === '--chisel' || previous === '-i' || previous === '--chisel-info') {
    return current.includes('/') ? [] : startingWith(await names.chisels());
  }
  if (words.length === 2 && previous === 'help') return startingWith(TOPICS);
  if (words.length === 2 && previous === 'completion') return startingWith(SHELLS);
  if (current.startsWith('-')) return startingWith(optionWords());
  const comparison = /^(.*?(?:=|!=))([^=]*)$/.exec(current);
  if (comparison) {
    const values = await valuesOf(comparison[1].replace(/[!=]+$/, ''), names);
    return values.filter((value) => value.startsWith(comparison[2])).map((value) => comparison[1] + value);
  }
  const fields = startingWith(await names.fields());
  return words.length === 1 ? [...startingWith(COMMANDS), ...fields] : fields;
}

async function valuesOf(field: string, names: CompletionNames): Promise<readonly string[]> {
  if (field === 'evt.type' || field === 'syscall.type') return names.eventTypes();
  if (field === 'container.name') return names.containers();
  if (field === 'evt.dir') return ['>', '<'];
  if (field === 'container.type') return ['docker', 'podman', 'containerd', 'cri-o', 'lxc', 'host'];
  return [];
}

function optionWords(): string[] {
  const words = ['-c', '--chisel', '-cl', '--list-chisels', '-pc', '-pk', '-lv'];
  for (const option of commandDefinition().options) {
    if (option.hidden) continue;
    if (option.short) words.push(option.short);
    if (option.long) words.push(option.long);
  }
  return words;
}

/** `tsdig completion SHELL` prints the shell's script; `tsdig completion words …` answers it. */
export async function printCompletion(words: readonly string[]): Promise<number> {
  const [shell, ...line] = words;
  if (shell === 'words') {
    const { liveNames } = await import('./completion_names.js');
    const found = await completeWords(line, liveNames);
    process.stdout.write(found.map((word) => `${word}\n`).join(''));
    return 0;
  }
  const script = SCRIPTS[shell as (typeof SHELLS)[number]];
  if (!script)
    throw new UsageError(
      `tsdig completion takes one of ${SHELLS.join(', ')}: source <(tsdig completion bash)`,
    );
  process.stdout.write(script);
  return 0;
}

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  // bash splits words at '=': the script works on the line itself and gives back only what follows the last break.
  bash: `# tsdig completion for bash: source <(tsdig completion bash)
_tsdig() {
  local line=\${COMP_LINE:0:COMP_POINT} words cur broken
  read -r -a words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  cur=\${words[-1]}
  broken=\${COMP_WORDS[COMP_CWORD]}
  [[ $broken == "=" || $broken == "!=" ]] && broken=""
  local keep=$(( \${#cur} - \${#broken} ))
  COMPREPLY=()
  local word
  while IFS= read -r word; do COMPREPLY+=("\${word:keep}"); done < <(tsdig completion words "\${words[@]:1}" 2>/dev/null)
  [[ \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$broken"))
}
complete -o filenames -F _tsdig tsdig
`,
  zsh: `#compdef tsdig
# tsdig completion for zsh: source <(tsdig completion zsh)
_tsdig() {
  local -a found
  found=("\${(@f)$(tsdig completion words "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -Q -a found; else _files; fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -u; }
compdef _tsdig tsdig
`,
  fish: `# tsdig completion for fish: tsdig completion fish | source
function __tsdig_words
    set -l words (commandline -opc) (commandline -ct)
    tsdig completion words $words[2..-1] 2>/dev/null
end
complete -c tsdig -a '(__tsdig_words)'
`,
};
